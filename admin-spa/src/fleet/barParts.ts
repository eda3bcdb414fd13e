/** What a bar is drawn from, in one unit. */
export interface BarAmount {
  used: number;
  /** Neither used nor free, such as what rests after a deletion. */
  reserved?: number | undefined;
  /** Null where there is no limit. */
  limit: number | null;
}

/** Widths in per cent of the bar, and where the limit's line stands; null where it is the bar's end. */
export interface BarParts {
  used: number;
  reserved: number;
  free: number;
  line: number | null;
}

/** How a bar is divided; null where there is no limit to compare with. */
export function barParts({ used, reserved = 0, limit }: BarAmount): BarParts | null {
  if (limit === null) return null;
  const taken = used + reserved;
  const whole = Math.max(taken, limit);
  if (whole <= 0) return { used: 0, reserved: 0, free: 100, line: null };
  const share = (value: number) => (value / whole) * 100;
  return {
    used: share(used),
    reserved: share(reserved),
    free: share(whole - taken),
    line: taken > limit ? share(limit) : null,
  };
}

/** How urgent a use is: full from the limit on, close from nine tenths of it. */
export function urgency({ used, reserved = 0, limit }: BarAmount): "calm" | "close" | "full" {
  if (limit === null) return "calm";
  const taken = used + reserved;
  if (taken >= limit) return "full";
  return taken >= limit * 0.9 ? "close" : "calm";
}
