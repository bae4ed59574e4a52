import { expect, test } from "vitest";
import { beginProgram, exitCodeIfEnded, exitCodeOf } from "../../src/01-syscalls/index.ts";
import { spawn } from "../../src/01-syscalls/libc.ts";

const shell = (script: string) =>
  spawn({ path: "/bin/sh", argv: ["sh", "-c", script], env: [], fds: [], nullStdio: true, detached: false });

test("programs run beside each other, and each is asked for its code and its words", () => {
  const waits = beginProgram("/bin/sh", ["-c", "exit 7"]);
  const fails = beginProgram("/bin/sh", ["-c", "echo said; echo no >&2; exit 3"]);
  expect(fails()).toEqual({ exitCode: 3, said: "no" });
  expect(waits()).toEqual({ exitCode: 7, said: "" });
  expect(beginProgram("/nosuch", [])()).toEqual({ exitCode: 127, said: "/nosuch: not found" });
  expect(beginProgram("/etc/passwd", [])()).toMatchObject({ exitCode: 127 });
});

test("the end of a child is waited for while this process goes on", async () => {
  const pid = shell("kill -STOP $$; kill -KILL $$");
  const code = exitCodeOf(pid);
  expect(exitCodeIfEnded(pid)).toBeUndefined();
  // It can only go on if this timer runs.
  const timer = setInterval(() => process.kill(pid, "SIGCONT"), 5);
  expect(await code).toBe(128 + 9);
  clearInterval(timer);
});
