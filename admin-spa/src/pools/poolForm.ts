import { isOutside, readWhole } from "../fleet/wholeNumber";
import type { CreatePool, EditPool, Pool } from "./api";
import { text } from "./text";

/** The fields of a pool as they are typed. */
export interface PoolValues {
  name: string;
  members: string;
  capacity: string;
  weight: string;
}

const NAME = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;
const CAPACITY = { least: 0, most: 1_000_000 };
const WEIGHT = { least: 1, most: 1_000, needed: true };
/** What a pool has whose maker says nothing. */
const USUAL_WEIGHT = "100";

export const emptyPool: PoolValues = { name: "", members: "", capacity: "", weight: USUAL_WEIGHT };

export const valuesOf = (pool: Pool): PoolValues => ({
  name: pool.name,
  members: pool.members.join("\n"),
  capacity: pool.capacity === null || pool.capacity === undefined ? "" : String(pool.capacity),
  weight: String(pool.weight),
});

/** The lines of the members' field that hold something. */
export const readMembers = (typed: string): string[] =>
  typed
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

const isHttpUrl = (line: string) => /^https?:\/\//i.test(line) && URL.canParse(line);

/** What is wrong with a pool before it is sent. */
export function checkPool(values: PoolValues): Partial<Record<keyof PoolValues, string>> {
  const words = text.form;
  const members = readMembers(values.members);
  const wrong = members.find((line) => !isHttpUrl(line));
  return {
    ...(NAME.test(values.name) ? {} : { name: words.nameWrong }),
    ...(members.length === 0 ? { members: words.membersMissing } : {}),
    ...(wrong === undefined ? {} : { members: words.membersWrong(wrong) }),
    ...(isOutside(readWhole(values.capacity), CAPACITY) ? { capacity: words.capacityWrong } : {}),
    ...(isOutside(readWhole(values.weight), WEIGHT) ? { weight: words.weightWrong } : {}),
  };
}

/** A new pool from fields that are right. */
export const toCreate = (values: PoolValues): CreatePool => ({
  name: values.name,
  members: readMembers(values.members),
  capacity: readWhole(values.capacity) ?? null,
  weight: readWhole(values.weight) ?? null,
});

/** What the fields change of a pool; empty when they change nothing. */
export function toEdit(values: PoolValues, pool: Pool): EditPool {
  const members = readMembers(values.members);
  const capacity = readWhole(values.capacity) ?? null;
  const weight = readWhole(values.weight) ?? pool.weight;
  return {
    ...(members.join("\n") === pool.members.join("\n") ? {} : { members }),
    ...(capacity === (pool.capacity ?? null) ? {} : { capacity }),
    ...(weight === pool.weight ? {} : { weight }),
  };
}
