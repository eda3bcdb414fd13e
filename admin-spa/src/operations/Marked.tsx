import { Code } from "@mantine/core";
import { Fragment } from "react";

/** Documentation text with its code set apart. Links lead to other documents, which are not here: their words are shown. */
export function Marked({ children }: { children: string }) {
  const words = children.replace(/\[([^\]]+)\]\([^)]*\)/g, "$1").split("`");
  return words.map((part, place) => (
    // The parts never move: the text is a constant of the documentation.
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    <Fragment key={place}>{place % 2 === 1 ? <Code>{part}</Code> : part}</Fragment>
  ));
}
