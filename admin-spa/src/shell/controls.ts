// What stands at the end of the header: menus and explanations, which need much code and come when the page is seen.
export { LiveDot } from "../live/LiveDot";
export { MenuDrawer } from "./MenuDrawer";
export { ThemeMenu } from "./ThemeMenu";
export { UserMenu } from "./UserMenu";
export { VersionBadge } from "./VersionBadge";
