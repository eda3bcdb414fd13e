import { IconCircleCheck, IconMailForward, IconUserOff } from "@tabler/icons-react";
import { Badge, type Look } from "../parts/Badge";
import type { UserState } from "./api";
import { peopleText } from "./text";

const looks: Record<UserState, Look> = {
  invited: { icon: IconMailForward, tone: "blue", word: peopleText.state.invited },
  active: { icon: IconCircleCheck, tone: "green", word: peopleText.state.active },
  disabled: { icon: IconUserOff, tone: "grey", word: peopleText.state.disabled },
};

/** How far an account is. */
export const UserBadge = ({ state }: { state: UserState }) => <Badge look={looks[state]} />;
