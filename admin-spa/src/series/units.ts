import { duration } from "../time";
import type { Unit } from "./api";

const BYTES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
const KIB = 1_024;

/** Three digits at most, without zeros at the end. */
const short = (value: number): string =>
  value.toLocaleString("en", {
    maximumSignificantDigits: Math.abs(value) < 1_000 ? 3 : 21,
    useGrouping: true,
  });

/** Bytes with the unit that keeps few digits: "1.5 GiB". */
export function bytes(value: number): string {
  const power = value < 1 ? 0 : Math.min(BYTES.length - 1, Math.floor(Math.log(value) / Math.log(KIB)));
  return `${short(Number((value / KIB ** power).toPrecision(3)))} ${BYTES[power]}`;
}

/** A value with its unit: "84 ms", "12.5/s", "1,240", "1.5 GiB". */
export function withUnit(value: number, unit: Unit): string {
  switch (unit) {
    case "seconds":
      return duration(value * 1_000);
    case "per_second":
      return `${short(value)}/s`;
    case "bytes":
      return bytes(value);
    case "count":
      return short(value);
  }
}
