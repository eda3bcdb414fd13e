/** The words around every page. */
export const shellText = {
  menu: "Menu",
  closeMenu: "Close the menu",
  navigation: "Main",
  groups: { operate: "Operate", platform: "Platform" },
  apiDocs: "API document",
} as const;
