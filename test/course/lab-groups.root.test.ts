// Groups in the lab: its root divides what the lab was given, and can't have more.

import { readFileSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { closeLab, type Lab, openLab } from "../../src/course/lab.ts";
import { temporaryRoots } from "../support/engine.ts";
import { needs } from "../support/needs.ts";

async function labForTest() {
  const roots = temporaryRoots();
  onTestFinished(() => closeLab(roots));
  return openLab(roots);
}

const sh = async (lab: Lab, script: string) => (await lab.run(["sh", "-c", script])).output;

/** Where the lab's own groups are on this machine, and what their files are called. */
const V2 = {
  memory: "/sys/fs/cgroup",
  pids: "/sys/fs/cgroup",
  memoryFile: "memory.max",
  tasks: "cgroup.procs",
};
const V1 = {
  memory: "/sys/fs/cgroup/memory",
  pids: "/sys/fs/cgroup/pids",
  memoryFile: "memory.limit_in_bytes",
  tasks: "tasks",
};

describe.each([
  { version: "v2", need: "cgroup2" as const, at: V2 },
  { version: "v1", need: "cgroup1" as const, at: V1 },
])("in a lab, on $version", ({ need, at }) => {
  describe("its root", needs("userns", need), () => {
    test("runs containers that are limited, and sees by what", async () => {
      const lab = await labForTest();
      const limits = `cat ${at.memory}/${at.memoryFile} ${at.pids}/pids.max`;
      const tooMany = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 5 & done";
      const said = await sh(
        lab,
        `mini-docker run --rm -m 16m --pids-limit 10 base sh -c '${limits}; ${tooMany}' 2>&1; echo
         mini-docker run --rm -m 16m base sh -c 'head -c 64m /dev/zero | tail' > /dev/null 2>&1; echo $?`,
      );
      expect(said).toMatch(/^16777216\n10\n.*can't fork.*\n\n137\n$/s);
    });

    test("makes groups by hand, and sets limits on them", async () => {
      const lab = await labForTest();
      const group = `${at.pids}/mine`;
      const fork = "sleep 5 & sleep 5 & sleep 5 & sleep 5 & echo forked";
      const script = `mkdir ${group} && echo 3 > ${group}/pids.max && (sh -c 'echo $$ > ${group}/${at.tasks}; ${fork}' 2>&1) | tail -1`;
      expect(await sh(lab, script)).toContain("fork");
      expect(await sh(lab, `cat ${group}/pids.max`)).toBe("3\n");
    });

    test("can't have more than the lab was given", async () => {
      const lab = await labForTest();
      const files = `${at.memory}/${at.memoryFile} ${at.pids}/pids.max`;
      const lift = `for f in ${files}; do [ -e $f ] && (echo max > $f || echo -1 > $f) 2>/dev/null && echo lifted $f; done`;
      const remount = `mount -o remount,rw ${at.memory}; mkdir /all; mount -t ${need === "cgroup2" ? "cgroup2 none" : "cgroup -o pids none"} /all; ls -d /all/mini-docker /all/own`;
      expect(
        await sh(lab, `${lift}; (${remount}) > /dev/null 2>&1; ${lift}; ls -d /all/own 2>&1 | grep -c own$; echo end`),
      ).toMatch(/^0\nend\n$/);
      const own = readFileSync(`/proc/${lab.pid}/cgroup`, "utf8");
      const parent = (controller: string) =>
        new RegExp(
          need === "cgroup2" ? "^0::(.*)/own/init$" : `^\\d+:[^:]*\\b${controller}\\b[^:]*:(.*)/own$`,
          "m",
        ).exec(own)![1];
      expect(readFileSync(`${at.memory}${parent("memory")}/${at.memoryFile}`, "utf8")).toBe(`${1024 ** 3}\n`);
      expect(readFileSync(`${at.pids}${parent("pids")}/pids.max`, "utf8")).toBe("500\n");
    });

    test("can't leave it, nor look above it", async () => {
      const lab = await labForTest();
      const seen = await sh(
        lab,
        `cat /proc/self/cgroup; ls -d ${at.pids}/../mini-docker ${at.pids}/mini-docker 2>/dev/null`,
      );
      expect(seen).not.toMatch(/[0-9a-f]{64}|\.\./);
      expect(seen).not.toContain(" mini-docker");
    });
  });
});

test("a container that isn't told to gets no group of its own", needs("userns"), async () => {
  const lab = await labForTest();
  expect(
    await sh(
      lab,
      "mini-docker run --rm base sh -c 'mkdir /sys/fs/cgroup/mine /sys/fs/cgroup/*/mine 2>/dev/null || echo refused'",
    ),
  ).toBe("refused\n");
});
