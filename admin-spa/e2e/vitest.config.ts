import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: import.meta.dirname,
    environment: "node",
    include: ["flows/**/*.test.ts"],
    // One stack and one browser at a time, in the order of the files' names.
    fileParallelism: false,
    sequence: { concurrent: false, shuffle: false },
    testTimeout: 240_000,
    hookTimeout: 60_000,
  },
});
