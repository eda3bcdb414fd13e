import { Radio, Stack } from "@mantine/core";
import { keysText } from "./text";

const words = keysText.form;
const DAY = 24 * 60 * 60 * 1_000;

/** In how many days a key ends. */
export type Ending = keyof typeof words.endsIn;

const ENDINGS: readonly Ending[] = ["30", "90", "365", "never"];

/** When a key made now ends; undefined where it never does. */
export const endOf = (ending: Ending, now: number): string | undefined =>
  ending === "never" ? undefined : new Date(now + Number(ending) * DAY).toISOString();

/** When a key ends; it ends unless somebody says never. */
export function EndChoice({ ending, onChange }: { ending: Ending; onChange: (ending: Ending) => void }) {
  return (
    <Radio.Group aria-label={words.ends} value={ending} onChange={(value) => onChange(value as Ending)}>
      <Stack gap="xs">
        {ENDINGS.map((one) => (
          <Radio
            key={one}
            value={one}
            label={words.endsIn[one]}
            description={one === "never" ? words.endsNever : undefined}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}
