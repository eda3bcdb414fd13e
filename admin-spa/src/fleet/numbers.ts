const WHOLE = new Intl.NumberFormat("en");
const SHORT = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** A count with separators between thousands: "4,096". */
export const count = (value: number): string => WHOLE.format(value);

/** A size in the unit that keeps the number below 1024: "4.22 GiB". */
export function bytes(value: number): string {
  let size = value;
  let unit = 0;
  while (Math.abs(size) >= 1024 && unit < BYTE_UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? WHOLE.format(size) : SHORT.format(size)} ${BYTE_UNITS[unit]}`;
}

/** A share of a whole in full per cent; any use at all is at least 1 %. */
export function percent(part: number, whole: number): string {
  if (whole <= 0) return "0 %";
  const share = (part / whole) * 100;
  return `${share > 0 && share < 1 ? 1 : Math.round(share)} %`;
}
