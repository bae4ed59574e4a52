import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RecordedStep, type Recording, recordWatch } from "../../src/10-containers/explain/record.ts";
import { runWatched, temporaryRoots } from "./watched.ts";

const roots = temporaryRoots();
afterAll(() => roots.close());

const path = join(roots.root, "..", "run.json");
const watch = () => recordWatch({ path, command: ["run", "base", "true"], image: "base" });
const read = () => JSON.parse(readFileSync(path, "utf8")) as Recording;

describe("the recording of a start", () => {
  let recording: Recording;
  beforeAll(async () => {
    const { exitCode } = await runWatched(roots, { command: ["sh", "-c", "sleep 0.3"] }, watch());
    expect(exitCode).toBe(0);
    recording = read();
  });

  test("says what it is of", () => {
    const { steps: _, ...about } = recording;
    expect(about).toEqual({
      version: 1,
      command: ["run", "base", "true"],
      image: "base",
      machine: {
        kernel: expect.stringMatching(/^\d+\.\d+/),
        architecture: process.arch,
        cgroups: expect.stringMatching(/^(v1|v2|hybrid)$/),
        isRoot: true,
      },
      outcome: "started",
    });
  });

  test("has every field of every step", () => {
    const fields = {
      n: expect.any(Number),
      list: expect.stringMatching(/^(before|beside|inside|after)$/),
      stage: expect.stringMatching(/^\d\d-[a-z]+$/),
      source: expect.stringMatching(/^\d\d-[a-z]+\/[a-zA-Z]+$/),
      call: expect.stringMatching(/^\w+\(.*\)$/),
      name: expect.stringMatching(/^\w+$/),
      why: expect.stringMatching(/./),
      outcome: expect.stringMatching(/^(planned|done|allowed|left out)$/),
      changes: expect.any(Array),
    };
    recording.steps.forEach((step, index) => {
      expect(step).toEqual({ ...fields, n: index + 1, result: step.result, ns: step.ns });
      expect(step.source.startsWith(`${step.stage}/`)).toBe(true);
    });
  });

  test("has a result where a call was made, and none where it wasn't", () => {
    const result = ({ outcome, result = NaN }: RecordedStep) => `${outcome}: ${Math.sign(result)}`;
    expect([...new Set(recording.steps.map(result))].sort()).toEqual(
      expect.arrayContaining(["allowed: -1", "done: 0", "done: 1"]),
    );
    const unmade = recording.steps.filter(({ outcome }) => outcome === "left out" || outcome === "planned");
    expect(unmade.filter(({ result, ns }) => result !== undefined || ns !== undefined)).toEqual([]);
  });

  const changesOf = (name: string, area: string) =>
    recording.steps.filter((step) => step.name === name).flatMap((step) => step.changes.filter((c) => c.area === area));

  test("tells what each call changed: the split the namespaces, pivot_root the root, umount2 what was the host's", () => {
    expect(changesOf("clone3", "namespace").map(({ name }) => name)).toEqual(
      expect.arrayContaining(["ipc", "mnt", "net", "pid", "uts"]),
    );
    expect(changesOf("pivot_root", "directory").map(({ name }) => name)).toEqual(["root", "cwd"]);
    const gone = changesOf("umount2", "mount");
    expect(gone.length).toBeGreaterThan(0);
    expect(gone.filter(({ after }) => after !== undefined)).toEqual([]);
  });

  test("tells what is taken away: each dropped capability in its own step, the filter when it is loaded", () => {
    const drops = recording.steps.filter(
      ({ call, result }) => call.startsWith("prctl(PR_CAPBSET_DROP") && result === 0,
    );
    expect(drops.length).toBeGreaterThan(10);
    for (const { call, changes } of drops) {
      const [name] = /CAP_\w+(?=\))/.exec(call)!;
      expect(changes).toEqual([{ area: "capability", name: `bounding ${name}`, before: "held" }]);
    }
    const loaded = { area: "process", name: "seccomp", before: "off", after: "filter" };
    expect(changesOf("seccomp", "process")).toContainEqual(loaded);
  });

  test("ends with the program, which has nothing of the launcher's", () => {
    const [program] = changesOf("execve", "process").filter(({ name }) => name === "program");
    expect(program).toMatchObject({ before: expect.stringContaining("mini-docker-launcher") });
    expect([...replayed("descriptor").keys()].filter((fd) => Number(fd) > 2)).toEqual([]);
  });

  test("can be replayed: its mounts end with the container's, and with no other", () => {
    const places = [...replayed("mount").values()].map((value) => value.split(" ")[0]);
    expect(places).toEqual(expect.arrayContaining(["/", "/proc", "/dev", "/sys", "/etc/hosts"]));
    expect(places.filter((place) => place?.includes(roots.root))).toEqual([]);
  });

  /** What there is of an area after all changes, as far as it was changed. */
  function replayed(area: string): Map<string, string> {
    const there = new Map<string, string>();
    const changes = recording.steps.flatMap((step) => step.changes).filter((change) => change.area === area);
    for (const { name, after } of changes) {
      if (after === undefined) there.delete(name);
      else there.set(name, after);
    }
    return there;
  }
});

test("a start that failed is recorded up to the call that did", async () => {
  await expect(runWatched(roots, { command: ["/no/such"] }, watch())).rejects.toThrow("no such file or directory");
  const { outcome, error, steps } = read();
  expect({ outcome, error }).toEqual({ outcome: "failed", error: expect.stringContaining('execve("/no/such"') });
  expect(steps.at(-1)).toMatchObject({ name: "execve", outcome: "failed", result: -2 });
});

test("a file that can't be written leaves what was there whole, and nothing beside it", async () => {
  const folder = join(roots.root, "..", "full");
  mkdirSync(folder);
  const target = join(folder, "run.json");
  writeFileSync(target, "before");
  const watch = recordWatch({ path: target, command: [], image: "base" });
  // The draft's name is taken by a folder, so it can't be opened.
  mkdirSync(`${target}.${process.pid}.tmp`);
  await expect(runWatched(roots, { command: ["true"] }, watch)).rejects.toThrow("cannot record to");
  expect(readFileSync(target, "utf8")).toBe("before");
  expect(readdirSync(folder)).toEqual(["run.json", `run.json.${process.pid}.tmp`]);
});
