import { describe, expect, test } from "vitest";
import { byArea, differences, signOf } from "../../playground/steps/moments.ts";
import type { Change } from "../../src/10-containers/explain/changes.ts";
import type { RecordedStep } from "../../src/10-containers/explain/record.ts";

/** A run in which only what it changed is of interest: a list of changes for each call. */
const run = (...changes: Change[][]) => changes.map((each) => ({ changes: each })) as RecordedStep[];
const opened: Change = { area: "descriptor", name: "5", after: "/etc/passwd" };
const closed: Change = { area: "descriptor", name: "5", before: "/etc/passwd" };
const renamed = (before: string, after: string): Change => ({ area: "process", name: "umask", before, after });

describe("two moments of a run", () => {
  test("differ in what was changed between them, and in nothing before", () => {
    const steps = run([opened], [renamed("022", "0")], []);
    expect(differences(steps, 0, 2)).toEqual([renamed("022", "0")]);
    expect(differences(steps, 1, 2)).toEqual([]);
  });

  test("don't differ in what came and went again, or was changed back", () => {
    expect(differences(run([], [opened], [closed]), 0, 2)).toEqual([]);
    expect(differences(run([], [renamed("022", "0")], [renamed("0", "022")]), 0, 2)).toEqual([]);
  });

  test("have one difference where a thing was changed twice: from the first to the last", () => {
    expect(differences(run([], [renamed("022", "0")], [renamed("0", "077")]), 0, 2)).toEqual([renamed("022", "077")]);
  });

  test("differ the other way round when the later is compared with the earlier", () => {
    expect(differences(run([], [opened]), 1, 0)).toEqual([closed]);
  });

  test("keep things of one name in different areas apart", () => {
    const link: Change = { area: "network", name: "5", after: "interface" };
    expect(byArea(differences(run([], [opened, link]), 0, 1)).map(({ area }) => area)).toEqual([
      "descriptor",
      "network",
    ]);
  });
});

test("a change's sign says whether it came, went, or is another", () => {
  expect([opened, closed, renamed("a", "b")].map(signOf)).toEqual(["+", "−", "~"]);
});
