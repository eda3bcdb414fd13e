import { isOutside, readDecimal, readWhole } from "../fleet/wholeNumber";
import type { CreateServer, DatabaseServer, EditServer } from "./api";
import { text } from "./text";

/** The fields of a database server as they are typed. */
export type ServerValues = Record<
  "name" | "address" | "capacity" | "weight" | "overcommit" | "region",
  string
>;

const NAME = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;
const ADDRESS = /^([\w.-]+|\[[0-9A-Fa-f:.]+\]):[1-9]\d{0,4}$/;
const MOST_REGION = 60;
const CAPACITY = { least: 0, most: 1_000_000 };
const WEIGHT = { least: 1, most: 1_000, needed: true };
const OVERCOMMIT = { least: 0.1, most: 1_000 };
/** What a server has whose maker says nothing. */
const USUAL_WEIGHT = "100";

export const emptyServer: ServerValues = {
  name: "",
  address: "",
  capacity: "",
  weight: USUAL_WEIGHT,
  overcommit: "",
  region: "",
};

const typed = (value: number | null): string => (value === null ? "" : String(value));

export const valuesOf = (server: DatabaseServer): ServerValues => ({
  name: server.name,
  address: server.address,
  capacity: typed(server.capacity),
  weight: String(server.weight),
  overcommit: typed(server.overcommit),
  region: server.region,
});

/** What is wrong with a server before it is sent. */
export function checkServer(values: ServerValues): Partial<ServerValues> {
  const words = text.form;
  return {
    ...(NAME.test(values.name) ? {} : { name: words.nameWrong }),
    ...(ADDRESS.test(values.address.trim()) ? {} : { address: words.addressWrong }),
    ...(isOutside(readWhole(values.capacity), CAPACITY) ? { capacity: words.capacityWrong } : {}),
    ...(isOutside(readWhole(values.weight), WEIGHT) ? { weight: words.weightWrong } : {}),
    ...(isOutside(readDecimal(values.overcommit), OVERCOMMIT) ? { overcommit: words.overcommitWrong } : {}),
    ...(values.region.trim().length > MOST_REGION ? { region: words.regionWrong(MOST_REGION) } : {}),
  };
}

/** A new server from fields that are right. */
export const toCreate = (values: ServerValues): CreateServer => ({
  name: values.name,
  address: values.address.trim(),
  capacity: readWhole(values.capacity) ?? null,
  weight: readWhole(values.weight) ?? null,
  overcommit: readDecimal(values.overcommit) ?? null,
  region: values.region.trim() || null,
});

/** What the fields change of a server; empty when they change nothing. */
export function toEdit(values: ServerValues, server: DatabaseServer): EditServer {
  const address = values.address.trim();
  const capacity = readWhole(values.capacity) ?? null;
  const weight = readWhole(values.weight) ?? server.weight;
  const overcommit = readDecimal(values.overcommit) ?? null;
  const region = values.region.trim();
  return {
    ...(address === server.address ? {} : { address }),
    ...(capacity === server.capacity ? {} : { capacity }),
    ...(weight === server.weight ? {} : { weight }),
    ...(overcommit === server.overcommit ? {} : { overcommit }),
    ...(region === server.region ? {} : { region: region || null }),
  };
}
