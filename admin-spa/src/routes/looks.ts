import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClock,
  IconHelpCircle,
  IconTransform,
} from "@tabler/icons-react";
import type { Look } from "../parts/Badge";
import { text } from "./text";
import type { RouteState, TraefikHealth } from "./types";

/** How each state of a route looks. A state the API gains fails the type check here until it has a look. */
export const routeLooks: Record<RouteState, Look> = {
  published: { icon: IconCircleCheck, tone: "green", word: text.state.published },
  missing: { icon: IconCircleX, tone: "red", word: text.state.missing },
  differs: { icon: IconTransform, tone: "orange", word: text.state.differs },
  unwanted: { icon: IconAlertTriangle, tone: "orange", word: text.state.unwanted },
  withdrawn: { icon: IconCircleDashed, tone: "grey", word: text.state.withdrawn },
  unsettled: { icon: IconClock, tone: "blue", word: text.state.unsettled },
  unknown: { icon: IconHelpCircle, tone: "grey", word: text.state.unknown },
};

/** Every state of a route. */
export const routeStates = Object.keys(routeLooks) as RouteState[];

/** How Traefik's health looks; null is what nobody knows. */
export function healthLook(healthy: TraefikHealth["healthy"]): Look {
  if (healthy === true) return { icon: IconCircleCheck, tone: "green", word: text.traefik.healthy };
  if (healthy === false) return { icon: IconAlertTriangle, tone: "red", word: text.traefik.unhealthy };
  return { icon: IconHelpCircle, tone: "orange", word: text.traefik.unknown };
}
