import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** By name, whatever the last run took: the numbers say what comes before what. */
class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((one, other) => one.moduleId.localeCompare(other.moduleId));
  }
}

export default defineConfig({
  test: {
    root: import.meta.dirname,
    environment: "node",
    include: ["flows/**/*.test.ts"],
    // One stack and one browser at a time, in the order of the files' names.
    fileParallelism: false,
    sequence: { concurrent: false, shuffle: false, sequencer: ByName },
    testTimeout: 240_000,
    hookTimeout: 60_000,
  },
});
