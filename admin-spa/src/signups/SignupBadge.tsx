import { IconBan, IconCircleCheck, IconClockOff, IconHourglass, IconMailQuestion } from "@tabler/icons-react";
import { Badge, type Look } from "../parts/Badge";
import type { SignupState } from "./api";
import { signupsText } from "./text";

const looks: Record<SignupState, Omit<Look, "word">> = {
  waiting_proof: { icon: IconMailQuestion, tone: "blue" },
  waiting_approval: { icon: IconHourglass, tone: "orange" },
  accepted: { icon: IconCircleCheck, tone: "green" },
  refused: { icon: IconBan, tone: "grey" },
  expired: { icon: IconClockOff, tone: "grey" },
};

/** How far a signup is. */
export const SignupBadge = ({ state }: { state: SignupState }) => (
  <Badge look={{ ...looks[state], word: signupsText.state[state] }} />
);
