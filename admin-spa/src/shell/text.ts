/** The words around every page. */
export const shellText = {
  menu: "Menu",
  closeMenu: "Close the menu",
  navigation: "Main",
  environment: { development: "Development", production: "Production" },
  environmentMeaning: {
    development: "Started with the setting env=development: nobody should rely on it.",
    production: "Started with the setting env=production: people rely on what you change here.",
  },
  groups: { operate: "Operate", platform: "Platform" },
  offline: "This machine is offline. What you see is what was known before.",
  outdated: "The server runs another version of this console.",
  reload: "Reload",
  reloading: "The console is being loaded again",
} as const;
