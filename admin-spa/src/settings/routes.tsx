import { IconSettings } from "@tabler/icons-react";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { RailEntry, SignedIn } from "../area";
import { settingsText } from "./text";

export const settingsRail: readonly RailEntry[] = [
  {
    to: "/settings",
    label: settingsText.rail,
    icon: IconSettings,
    group: "platform",
    order: 90,
    also: "version health mail keys",
  },
];

export const settingsRoutes = (signedIn: SignedIn) => {
  const settings = createRoute({
    getParentRoute: () => signedIn,
    path: "/settings",
    component: lazyRouteComponent(() => import("./SettingsPage"), "SettingsPage"),
  });
  return [settings] as const;
};
