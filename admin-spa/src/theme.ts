import {
  type CSSVariablesResolver,
  createTheme,
  type Drawer,
  localStorageColorSchemeManager,
  type MantineColorSchemeManager,
  type Modal,
} from "@mantine/core";
import { text } from "./text";

/** Shared with `bootstrap.js`, which reads it before this bundle runs. */
const COLOR_SCHEME_KEY = "gateway-color-scheme";

export const colorSchemeManager: MantineColorSchemeManager = localStorageColorSchemeManager({
  key: COLOR_SCHEME_KEY,
});

/** What holds for every dialog. Plain, as the components themselves are no part of the first load. */
const dialog = {
  defaultProps: {
    closeButtonProps: { "aria-label": text.close },
    // Its title bar is a <header>, which would count as a second page banner.
    styles: { title: { fontWeight: 650 } },
    attributes: { header: { role: "presentation" } },
  },
} satisfies Parameters<typeof Modal.extend>[0] & Parameters<typeof Drawer.extend>[0];

export const theme = createTheme({
  primaryColor: "blue",
  // White on the library's default filled blue is 3.6:1; on shade 8 it is 5.0:1.
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: { Modal: dialog, Drawer: dialog },
  fontFamily:
    'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace',
});

/**
 * The library's muted, placeholder, error and border colours miss WCAG's ratios; these meet them. `variables.css` holds them
 * beside those that follow from the theme, as a slow machine takes more than a tenth of a second to work them out.
 */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "var(--mantine-color-gray-7)",
    "--mantine-color-placeholder": "var(--mantine-color-gray-7)",
    "--mantine-color-error": "var(--mantine-color-red-9)",
    "--mantine-color-anchor": "var(--mantine-color-blue-8)",
    "--page-background": "var(--mantine-color-gray-0)",
    "--surface": "var(--mantine-color-white)",
    "--control-border": "var(--mantine-color-gray-6)",
    "--line": "var(--mantine-color-gray-3)",
    "--tone-grey": "var(--mantine-color-gray-7)",
    "--tone-blue": "var(--mantine-color-blue-8)",
    "--tone-green": "var(--mantine-color-green-9)",
    "--tone-orange": "#b35900",
    "--tone-red": "var(--mantine-color-red-9)",
  },
  dark: {
    "--mantine-color-dimmed": "var(--mantine-color-dark-1)",
    "--mantine-color-placeholder": "var(--mantine-color-dark-1)",
    "--mantine-color-error": "var(--mantine-color-red-4)",
    "--mantine-color-anchor": "var(--mantine-color-blue-4)",
    "--page-background": "var(--mantine-color-dark-8)",
    "--surface": "var(--mantine-color-dark-7)",
    "--control-border": "var(--mantine-color-dark-2)",
    "--line": "var(--mantine-color-dark-4)",
    "--tone-grey": "var(--mantine-color-dark-1)",
    "--tone-blue": "var(--mantine-color-blue-4)",
    "--tone-green": "var(--mantine-color-green-4)",
    "--tone-orange": "var(--mantine-color-orange-4)",
    "--tone-red": "var(--mantine-color-red-4)",
  },
});
