import { IconBan, IconCircleCheck, IconClockOff, IconZzz } from "@tabler/icons-react";
import { Badge, type Look } from "../parts/Badge";
import type { KeyState } from "./api";
import { keysText } from "./text";

const looks: Record<KeyState, Look> = {
  works: { icon: IconCircleCheck, tone: "green", word: keysText.state.works },
  revoked: { icon: IconBan, tone: "grey", word: keysText.state.revoked },
  over: { icon: IconClockOff, tone: "grey", word: keysText.state.over },
  unused: { icon: IconZzz, tone: "orange", word: keysText.state.unused },
};

/** How a key stands. */
export const KeyBadge = ({ state }: { state: KeyState }) => <Badge look={looks[state]} />;
