import { isOutside, readDecimal, readWhole } from "../fleet/wholeNumber";
import type { CreatePool, EditPool, Pool } from "./api";
import { text } from "./text";
import { environmentOf, environmentPatch, noVariables, type Variables } from "./variables";

/** Numbers about the containers of a managed pool, each in the range that the API takes. */
const numbers = {
  replicas: { least: 1, most: 15, needed: true },
  port: { least: 1, most: 65_535 },
  memory_mib: { least: 16, most: 1_048_576 },
  cpus: { least: 0.01, most: 1_024 },
  pids: { least: 8, most: 1_000_000 },
} as const;
type NumberName = keyof typeof numbers;
const numberNames = Object.keys(numbers) as NumberName[];

/** The fields of a pool as they are typed. */
export interface PoolValues extends Record<NumberName, string> {
  name: string;
  /** Whether somebody else runs its members. */
  kind: "external" | "managed";
  members: string;
  image: string;
  /** Always empty: variables are fields of their own, and what the server says of them stands here. */
  environment: string;
  capacity: string;
  weight: string;
}

const NAME = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;
const IMAGE = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,499}$/;
const CAPACITY = { least: 0, most: 1_000_000 };
const WEIGHT = { least: 1, most: 1_000, needed: true };
/** What a pool has whose maker says nothing. */
const USUAL_WEIGHT = "100";

export const emptyPool: PoolValues = {
  name: "",
  kind: "external",
  members: "",
  image: "",
  replicas: "1",
  port: "",
  memory_mib: "",
  cpus: "",
  pids: "",
  environment: "",
  capacity: "",
  weight: USUAL_WEIGHT,
};

const typed = (value: number | null | undefined): string =>
  value === null || value === undefined ? "" : String(value);

export const valuesOf = (pool: Pool): PoolValues => ({
  name: pool.name,
  kind: pool.managed ? "managed" : "external",
  members: pool.managed ? "" : pool.members.join("\n"),
  image: pool.image ?? "",
  replicas: typed(pool.replicas),
  port: typed(pool.port),
  memory_mib: typed(pool.memory_mib),
  cpus: typed(pool.cpus),
  pids: typed(pool.pids),
  environment: "",
  capacity: typed(pool.capacity),
  weight: String(pool.weight),
});

/** What a form holds; of its two kinds the one that somebody else runs is the usual one. */
export const asPool = (values: Readonly<Record<keyof PoolValues, string>>): PoolValues => ({
  ...values,
  kind: values.kind === "managed" ? "managed" : "external",
});

const readNumber = (name: NumberName, value: string) => (name === "cpus" ? readDecimal : readWhole)(value);

/** The lines of the members' field that hold something. */
export const readMembers = (typed: string): string[] =>
  typed
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

const isHttpUrl = (line: string) => /^https?:\/\//i.test(line) && URL.canParse(line);

type Faults = Partial<Record<keyof PoolValues, string>>;

function checkMembers(values: PoolValues): Faults {
  const members = readMembers(values.members);
  if (members.length === 0) return { members: text.form.membersMissing };
  const wrong = members.find((line) => !isHttpUrl(line));
  return wrong === undefined ? {} : { members: text.form.membersWrong(wrong) };
}

/** `isNew` may leave the image to the settings; a pool that is there has one. */
function checkContainers(values: PoolValues, isNew: boolean): Faults {
  const image = values.image.trim();
  const faults: Faults = {};
  if (image === "" ? !isNew : !IMAGE.test(image)) faults.image = text.form.imageWrong;
  for (const name of numberNames) {
    const { least, most } = numbers[name];
    if (isOutside(readNumber(name, values[name]), numbers[name]))
      faults[name] = text.form.outside(least, most);
  }
  return faults;
}

/** What is wrong with a pool before it is sent. */
export function checkPool(values: PoolValues, isNew = true): Faults {
  const words = text.form;
  return {
    ...(NAME.test(values.name) ? {} : { name: words.nameWrong }),
    ...(values.kind === "managed" ? checkContainers(values, isNew) : checkMembers(values)),
    ...(isOutside(readWhole(values.capacity), CAPACITY) ? { capacity: words.capacityWrong } : {}),
    ...(isOutside(readWhole(values.weight), WEIGHT) ? { weight: words.weightWrong } : {}),
  };
}

/** A new pool from fields that are right. */
export function toCreate(values: PoolValues, variables: Variables = noVariables): CreatePool {
  const places = {
    capacity: readWhole(values.capacity) ?? null,
    weight: readWhole(values.weight) ?? null,
  };
  if (values.kind === "external") {
    return { name: values.name, members: readMembers(values.members), ...places };
  }
  const given = numberNames.flatMap((name) => {
    const value = readNumber(name, values[name]);
    return typeof value === "number" ? [[name, value]] : [];
  });
  const image = values.image.trim();
  const environment = environmentOf(variables);
  return {
    name: values.name,
    ...(image ? { image } : {}),
    ...Object.fromEntries(given),
    ...(environment ? { environment } : {}),
    ...places,
  };
}

function containerEdit(values: PoolValues, pool: Pool, variables: Variables): EditPool {
  const image = values.image.trim();
  const changed = numberNames.flatMap((name) => {
    const value = readNumber(name, values[name]) ?? null;
    return value === (pool[name] ?? null) ? [] : [[name, value]];
  });
  const environment = environmentPatch(variables);
  return {
    ...(image === pool.image ? {} : { image }),
    ...Object.fromEntries(changed),
    ...(environment ? { environment } : {}),
  };
}

/** What the fields change of a pool; empty when they change nothing. An emptied limit goes back to the settings. */
export function toEdit(values: PoolValues, pool: Pool, variables: Variables = noVariables): EditPool {
  const members = readMembers(values.members);
  const capacity = readWhole(values.capacity) ?? null;
  const weight = readWhole(values.weight) ?? pool.weight;
  const hasSameMembers = members.join("\n") === pool.members.join("\n");
  return {
    ...(pool.managed ? containerEdit(values, pool, variables) : hasSameMembers ? {} : { members }),
    ...(capacity === (pool.capacity ?? null) ? {} : { capacity }),
    ...(weight === pool.weight ? {} : { weight }),
  };
}
