import type { Icon } from "@tabler/icons-react";
import classes from "./Badge.module.css";

/** The tones a state can have; each has a colour of enough contrast in both schemes. */
type Tone = "grey" | "blue" | "green" | "orange" | "red";

/** How a state looks: always an icon and a word, with colour only as the third sign. */
export interface Look {
  icon: Icon;
  tone: Tone;
  word: string;
}

/** A state as icon, word and colour. */
export function Badge({ look, moving = false }: { look: Look; moving?: boolean }) {
  return (
    <span className={classes.badge} data-tone={look.tone}>
      <look.icon size={15} stroke={2.2} aria-hidden className={moving ? classes.moving : undefined} />
      {look.word}
    </span>
  );
}
