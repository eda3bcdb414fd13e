import { Tooltip, UnstyledButton } from "@mantine/core";
import {
  IconCircleDashed,
  IconCircleFilled,
  IconPlayerPauseFilled,
  IconPlugConnectedX,
} from "@tabler/icons-react";
import classes from "./LiveDot.module.css";
import { type LiveState, useLive } from "./LiveProvider";
import { liveText } from "./text";

const icons = {
  connecting: IconCircleDashed,
  live: IconCircleFilled,
  reconnecting: IconPlugConnectedX,
  paused: IconPlayerPauseFilled,
  refused: IconPlugConnectedX,
} as const satisfies Record<LiveState, unknown>;

/** Says whether what is shown follows what happens; pauses and resumes it. */
export function LiveDot() {
  const { state, setPaused } = useLive();
  const DotIcon = icons[state];
  return (
    <Tooltip label={liveText.meaning[state]} multiline maw={280}>
      <UnstyledButton
        className={classes.dot ?? ""}
        data-state={state}
        aria-pressed={state === "paused"}
        aria-label={`${liveText.word[state]}. ${liveText.meaning[state]}`}
        onClick={() => setPaused(state !== "paused")}
      >
        <DotIcon size={12} aria-hidden />
        <span className={classes.word}>{liveText.word[state]}</span>
      </UnstyledButton>
    </Tooltip>
  );
}
