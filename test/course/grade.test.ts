import { expect, test } from "vitest";
import { askedIn } from "../../src/course/grade/answers.ts";
import type { Check } from "../../src/course/grade/check.ts";
import { NOTHING } from "../../src/course/grade/evidence.ts";
import type { Graded } from "../../src/course/grade/grade.ts";
import { isPassed, judge } from "../../src/course/grade/judge.ts";
import { changesBetween } from "../../src/course/grade/plant.ts";
import { plantedFor } from "../../src/course/grade/planted.ts";
import { reportOf } from "../../src/course/grade/report.ts";
import { told } from "../../src/course/grade/runtime.ts";
import type { Seen } from "../../src/course/grade/seen.ts";
import { groupsIn } from "../../src/course/grade/seen-limits.ts";
import { hostMounts, seenMounts } from "../../src/course/grade/seen-mounts.ts";
import { progressAfter, standingIn } from "../../src/course/grade/standing.ts";

const SEEN: Seen = {
  scenario: "one",
  outcome: "seen",
  runtime: NOTHING,
  probe: NOTHING,
  moments: [],
  answers: { "touch /x": "EROFS" },
  exitCode: 0,
  ended: "by itself",
  memoryKills: 0,
  changes: [],
  isMeterAlive: false,
  left: { processes: [], mounts: [], groups: [] },
  printed: "",
  ms: 1,
};

const say = (text: string) => ({ en: text, zh: text });

const CHECK: Check = {
  scenarios: [{ id: "one", probe: ["wait"] }],
  goals: [
    { id: "runs", goal: say("it runs"), reached: () => true, hints: [] },
    {
      id: "writes",
      goal: say("it writes"),
      reached: ({ answers }) => answers["touch /x"] === "OK",
      hints: [
        {
          id: "read-only",
          when: ({ answers }) => answers["touch /x"] === "EROFS",
          say: [say("wrong"), say("where"), say("answer")],
        },
      ],
    },
    {
      id: "refuses",
      goal: say("it refuses"),
      evenUnseen: true,
      reached: ({ exitCode }) => exitCode === 125,
      hints: [],
    },
  ],
};

const hintsOf = (seen: Seen) => judge(CHECK, [seen]).map(({ hint }) => hint?.id);
const reachedIn = (seen: Seen) => judge(CHECK, [seen]).flatMap(({ goal, reached }) => (reached ? [goal.id] : []));

test("goals are asked of what was seen; of a probe that nobody saw only those that say so", () => {
  expect(reachedIn(SEEN)).toEqual(["runs"]);
  const refusal: Seen = { ...SEEN, outcome: "not started", exitCode: 125 };
  expect(reachedIn(refusal)).toEqual([]);
  // Whoever refuses everything has no merit in that.
  const all = judge(CHECK, [refusal, { ...SEEN, scenario: "another" }]);
  expect(all.flatMap(({ goal, reached }) => (reached ? [goal.id] : []))).toEqual(["refuses"]);
  for (const outcome of ["two probes", "meddled with", "unreadable", "too slow"] as const)
    expect(reachedIn({ ...SEEN, outcome, exitCode: 125 })).toEqual([]);
});

test("a probe that was ended early has reached nothing, but what says that it may end so", () => {
  const killed: Seen = { ...SEEN, ended: "killed", killedAt: "grow 64" };
  expect(reachedIn(killed)).toEqual([]);
  expect(hintsOf(killed)[0]).toBe("ended-early");
  const dies = { ...CHECK.goals[0]!, evenKilled: true };
  expect(judge({ ...CHECK, goals: [dies] }, [killed])[0]!.reached).toBe(true);
});

test("the lesson's hint comes first, but not where nothing could be seen", () => {
  expect(hintsOf(SEEN)).toEqual([undefined, "read-only", "not-reached"]);
  expect(hintsOf({ ...SEEN, outcome: "two probes" })).toEqual(["two-probes", "two-probes", "two-probes"]);
  expect(hintsOf({ ...SEEN, error: "mine.ts:1: no" })[1]).toBe("module");
});

const lesson = { number: "02", name: "02-rootfs", folder: "/" };
const graded = (seen: Seen): Graded => {
  const judged = judge({ ...CHECK, goals: CHECK.goals.slice(0, 2) }, [seen]);
  return { lesson, runtime: { name: "mine", argv: [] }, judged, seen: [seen], passed: isPassed(judged) };
};

test("a hint climbs when it is asked for, and when another attempt fails in the same way", () => {
  const rungs: (string | undefined)[] = [];
  let known = {};
  const tried = (module: string, how: { isAsked?: boolean; isQuiet?: boolean } = {}) => {
    const [before, result] = [known, graded(SEEN)];
    known = progressAfter(before, { graded: result, module, ...how });
    rungs.push(reportOf(result, standingIn(before, known, result)).goals[1]?.hint?.say.en);
  };
  tried("a");
  tried("a");
  tried("b", { isQuiet: true });
  tried("c");
  tried("c", { isAsked: true });
  tried("c", { isAsked: true });
  expect(rungs).toEqual(["wrong", "wrong", "wrong", "where", "answer", "answer"]);
});

test("a report tells nothing of the rungs above", () => {
  expect(JSON.stringify(reportOf(graded(SEEN)))).not.toMatch(/where|answer"/);
});

test("goals stay lit, and a lesson that has passed stays passed", () => {
  const right = { ...SEEN, answers: { "touch /x": "OK" } };
  const passed = progressAfter({}, { graded: graded(right), module: "a" });
  expect(passed).toMatchObject({ goals: ["runs", "writes"], passed: expect.stringMatching(/^\d{4}-/) });
  const worse = progressAfter(passed, { graded: graded(SEEN), module: "b" });
  expect(worse).toMatchObject({ goals: ["runs", "writes"], passed: passed.passed });
  expect(reportOf(graded(SEEN), standingIn(passed, worse, graded(SEEN))).goals[1]).toMatchObject({
    reached: false,
    reachedBefore: true,
  });
});

test("the probe's words are taken apart as it takes them apart", () => {
  expect(askedIn(["wait", "read", "/x", "exec-self", "wait"])).toEqual([
    { word: "wait", at: 0 },
    { word: "read", argument: "/x", at: 1 },
    { word: "exec-self", at: 3 },
    { word: "wait", at: 4 },
  ]);
});

test("a mount is the host's if it shows what lies outside of ROOTFS", () => {
  const runtime = "1 0 8:1 / / rw shared:1 - ext4 /dev/sda rw\n2 1 0:5 / /proc rw - proc proc rw\n";
  const host = hostMounts(runtime, "/tmp/check-1/rootfs");
  const isHosts = (line: string) => seenMounts(`${line}\n`, host).map((mount) => mount.isHosts)[0];
  expect(isHosts("9 0 8:1 /tmp/check-1/rootfs / rw - ext4 /dev/sda rw")).toBe(false);
  expect(isHosts("9 0 8:1 / /old rw - ext4 /dev/sda rw")).toBe(true);
  expect(isHosts("9 0 8:1 /usr /usr ro - ext4 /dev/sda rw")).toBe(true);
  expect(isHosts("9 0 0:5 / /proc rw - proc proc rw")).toBe(false);
  expect(isHosts("9 0 0:77 / / rw - overlay overlay rw")).toBe(false);
  expect(isHosts("9 0 8:1 /dev/null /dev/null rw - ext4 /dev/sda rw")).toBe(false);
});

test("groups are known by their controllers, on v1 and on v2", () => {
  expect(groupsIn("4:cpu,cpuacct:/a\n1:name=systemd:/b\n0::/c\n")).toEqual({
    cpu: "/a",
    cpuacct: "/a",
    "name=systemd": "/b",
    unified: "/c",
  });
});

test("of what a runtime prints only the line of its calls is taken out, and only if it is one", () => {
  expect(told('a\n{"calls":[],"error":"no"}\nb\n')).toEqual({ calls: [], error: "no", printed: "a\nb\n" });
  expect(told('{"calls": broken\n')).toEqual({ printed: '{"calls": broken\n' });
});

test("what is different in ROOTFS is said by name", () => {
  const before = new Map([
    ["/a", "1"],
    ["/b", "2"],
  ]);
  const after = new Map([
    ["/b", "3"],
    ["/c", "4"],
  ]);
  expect(changesBetween(before, after)).toEqual(["changed /b", "gone /a", "new /c"]);
});

test("no two probes are called the same, and a name fits into the kernel's fifteen bytes", () => {
  const [one, other] = [1, 2].map(() => plantedFor({ id: "one", probe: ["wait"] }));
  expect(one!.probe).not.toBe(other!.probe);
  expect(one!.probe.length).toBeLessThanOrEqual(15);
  expect(one!.program.equals(other!.program)).toBe(false);
});
