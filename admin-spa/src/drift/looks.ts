import {
  IconAlertTriangle,
  IconCircleCheck,
  IconHandStop,
  IconLoader2,
  IconPlayerPause,
} from "@tabler/icons-react";
import type { Look } from "../parts/Badge";
import type { DriftRepair } from "./api";
import { text } from "./text";

/** How each thing that was done about drift looks. */
export const repairLooks: Record<DriftRepair, Look> = {
  asked: { icon: IconLoader2, tone: "blue", word: text.repair.asked },
  repaired: { icon: IconCircleCheck, tone: "green", word: text.repair.repaired },
  refused: { icon: IconHandStop, tone: "orange", word: text.repair.refused },
  left: { icon: IconPlayerPause, tone: "grey", word: text.repair.left },
  impossible: { icon: IconAlertTriangle, tone: "red", word: text.repair.impossible },
};
