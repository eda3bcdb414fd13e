import { type ComponentType, lazy } from "react";

type Controls = typeof import("./controls");

/** A control by its name. All come in one file, which the first of them that is drawn loads. */
const later = <Props>(of: (controls: Controls) => ComponentType<Props>) =>
  lazy(() => import("./controls").then((controls) => ({ default: of(controls) })));

export const LiveDot = later((controls) => controls.LiveDot);
export const MenuDrawer = later((controls) => controls.MenuDrawer);
export const ThemeMenu = later((controls) => controls.ThemeMenu);
export const UserMenu = later((controls) => controls.UserMenu);
export const VersionBadge = later((controls) => controls.VersionBadge);
