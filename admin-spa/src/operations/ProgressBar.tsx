import classes from "./ProgressBar.module.css";

/** A part of a bar. */
export interface Segment {
  key: string;
  tone: "grey" | "blue" | "green" | "orange" | "red";
  value: number;
}

/** A bar of parts of a whole. `label` says all of it in words; the numbers stand beside the bar as text too. */
export function ProgressBar({
  segments,
  of,
  label,
}: {
  segments: readonly Segment[];
  of: number;
  label: string;
}) {
  return (
    <div className={classes.bar} role="img" aria-label={label}>
      {segments.map(
        ({ key, tone, value }) =>
          value > 0 && (
            <span
              key={key}
              className={classes.segment}
              data-tone={tone}
              style={{ width: `${(100 * value) / Math.max(1, of)}%` }}
            />
          ),
      )}
    </div>
  );
}
