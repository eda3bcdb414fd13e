import { readFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Code that this many pages share is loaded at once with all that is shared so. */
const SHARED_BY = 8;
const BOOTSTRAP = "src/bootstrap.js";
/** The chunks of the first page. */
const EARLY = ["index", "library"];
/** What opens, floats or takes text: every page loads it right after it is seen, and none needs it to be seen. */
const CONTROLS = new RegExp(
  [
    "/node_modules/@floating-ui/",
    "/node_modules/(react-remove-scroll|react-style-singleton|use-callback-ref|use-sidecar)",
    "/node_modules/@mantine/core/esm/utils/Floating/",
    "/node_modules/@mantine/core/esm/components/(Drawer|FocusTrap|Menu|Modal|ModalBase|Overlay|Popover|ScrollArea|Tooltip)/",
    "/node_modules/@mantine/core/esm/components/(Input|InputBase|TextInput)/",
    "/node_modules/@tabler/icons-react/.*/IconPlugConnectedX\\.",
    "/src/parts/ConfirmDialog\\.",
    "/src/shell/controls\\.",
  ].join("|"),
);

/**
 * Puts the script that sets the colour scheme and asks who is signed in into the head as a classic, blocking file.
 *
 * It has to run before the first paint, so it can't be part of the deferred module bundle, and the server's
 * content security policy allows no inline script.
 */
function bootstrap(): Plugin {
  let url = `/${BOOTSTRAP}`;
  let building = false;
  return {
    name: "bootstrap",
    configResolved(config) {
      building = config.command === "build";
    },
    buildStart() {
      if (!building) return;
      this.emitFile({
        type: "asset",
        name: "bootstrap.js",
        source: readFileSync(new URL(BOOTSTRAP, import.meta.url), "utf8"),
      });
    },
    transformIndexHtml: {
      order: "post",
      handler(_html, context) {
        if (context.bundle) {
          const emitted = Object.values(context.bundle).find(
            (file) => file.type === "asset" && file.names.includes("bootstrap.js"),
          );
          if (!emitted) throw new Error("the bootstrap script was not emitted");
          url = `/${emitted.fileName}`;
        }
        return [{ tag: "script", attrs: { src: url }, injectTo: "head-prepend" }];
      },
    },
  };
}

/**
 * Leaves out what works out the theme's CSS variables when the page starts: they stand in a stylesheet, and the library does
 * half of it even where it is told that they do.
 */
function staticVariables(): Plugin {
  const module = "/MantineCssVariables.mjs";
  const nothing = "\0no-css-variables";
  return {
    name: "static-variables",
    apply: "build",
    enforce: "pre",
    resolveId: (source) => (source.endsWith(module) ? nothing : null),
    load: (id) => (id === nothing ? "export const MantineCssVariables = () => null;" : null),
  };
}

/**
 * Has browsers that can (V8's explicit compile hints) compile what the first page needs while it arrives, beside the thread
 * that draws, and not function by function when they are called.
 */
function compiledEarly(): Plugin {
  return {
    name: "compiled-early",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        for (const file of Object.values(bundle))
          if (file.type === "chunk" && EARLY.includes(file.name))
            file.code = `//# allFunctionsCalledOnLoad\n${file.code}`;
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), bootstrap(), staticVariables(), compiledEarly()],
  build: {
    target: "es2023",
    // The policy is `default-src 'self'`: a data: URL would be refused, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The sizes that matter are those on the way, which scripts/budget.mjs holds.
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: {
      output: {
        // A request costs a slow machine more than the code in it: what the first page needs is two files, and what many
        // pages share is one, instead of one file for each set of pages that share something.
        codeSplitting: {
          groups: [
            { name: "library", tags: ["$initial"], test: /node_modules/, priority: 3 },
            { name: "first", tags: ["$initial"], priority: 2 },
            { name: "controls", test: CONTROLS, priority: 2 },
            { name: "shared", minShareCount: SHARED_BY, priority: 1 },
          ],
        },
      },
    },
  },
  server: {
    // The explanations of failure codes are read from the documentation of the gateway.
    fs: { allow: [".."] },
    proxy: {
      "/api": "http://127.0.0.1:8001",
      "/version": "http://127.0.0.1:8001",
    },
  },
  test: {
    environment: "jsdom",
    include: ["tests/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    css: false,
    testTimeout: 30_000,
  },
});
