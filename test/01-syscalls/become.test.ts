import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const STAGE = join(import.meta.dirname, "../../dist/01-syscalls.mjs");

/** What a process prints that becomes this list, in which the stage's names are known. */
function become(list: string, fds = "{}") {
  const code = `const { become, closeInheritedSteps, execveStep, reg, setnsStep, step, dupStep, CLONE } = await import("${STAGE}");
    const sh = (script) => execveStep({ path: "/bin/sh", argv: ["sh", "-c", script], env: ["A=b"], why: "a shell" });
    console.log(process.pid);
    become(${list}, ${fds});
    console.log("still here");`;
  const { stdout, stderr, status, pid } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    encoding: "utf8",
    input: "typed",
  });
  return { lines: stdout.trim().split("\n"), stderr, status, pid };
}

test("the process that a shell has started becomes another, and keeps its number, its ends and its exit code", () => {
  const script = "echo $$; cat; echo; env; ls /proc/self/fd | xargs; echo said >&2; exit 7";
  const { lines, stderr, status, pid } = become(`[...closeInheritedSteps(), sh("${script}")]`);
  expect(lines.slice(0, 3)).toEqual([`${pid}`, `${pid}`, "typed"]);
  expect(lines).toContain("A=b");
  // The fourth is what ls itself has opened.
  expect(lines.at(-1)).toBe("0 1 2 3");
  expect([stderr, status]).toEqual(["said\n", 7]);
});

test("its steps have the descriptors that they were given", () => {
  const fds = `{ given: (await import("node:fs")).openSync("/etc/hostname", "r") }`;
  const { lines } = become(`[dupStep({ from: reg("given"), to: 9, why: "x" }), sh("readlink /proc/self/fd/9")]`, fds);
  expect(lines.at(-1)).toBe("/etc/hostname");
});

test("a step that fails is said, since nobody is there to be told", () => {
  const { lines, stderr, status } = become(
    `[step("setgroups", [0, null], { why: "x", allow: ["EPERM"] }), setnsStep({ fd: 77, flags: CLONE.NEWUSER, why: "x" }), sh("echo no")]`,
  );
  expect(lines).toHaveLength(1);
  expect([stderr, status]).toEqual(["mini-docker: call 2 of the launcher's list failed: error 9\n", 125]);
});
