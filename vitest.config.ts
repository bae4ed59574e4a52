// Two kinds of tests. The plain ones need nothing and run side by side. Those of the kernel (`*.root.test.ts` and
// `*.user.test.ts`) change the machine and look at all of it afterwards, so they run after those, one file at a time.

import { defineConfig } from "vitest/config";

const kernel = ["test/**/*.root.test.ts", "test/**/*.user.test.ts"];

export default defineConfig({
  test: {
    globalSetup: "./test/support/built.ts",
    reporters: ["default", "./test/support/bed.ts"],
    pool: "forks",
    maxWorkers: 2,
    // The machine's own network is spared: only test/08-network, which has one to itself, makes links and rules.
    env: { MINI_DOCKER_NETWORK: process.env.MINI_DOCKER_NETWORK ?? "none" },
    // A loaded machine or an emulated one is slow, not wrong.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // On a machine of others a second look is worth more than a red day. What needed it is listed (scripts/union.mjs).
    // What has used up its time would only use it up again.
    retry: { count: process.env.CI ? 1 : 0, condition: /^(?!.*timed out)/s },
    projects: [
      {
        extends: true,
        test: { name: "plain", include: ["test/**/*.test.ts"], exclude: kernel },
      },
      {
        extends: true,
        test: {
          name: "kernel",
          include: kernel,
          runner: "./test/support/runner.ts",
          setupFiles: "./test/support/traceless.ts",
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
