import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { buildNative } from "../support/native.ts";
import { needs } from "../support/needs.ts";
import { FRAME, start } from "./monitor-harness.ts";

describe.each([{ sanitize: false }, { sanitize: true }])("init, sanitized: $sanitize", ({ sanitize }) => {
  const init = buildNative("init", { sanitize });

  test.each([
    [["/bin/sh", "-c", "exit 7"], 7, ""],
    [["/bin/sh", "-c", "kill -9 $$"], 137, ""],
    [["/no/such/file"], 127, "init: /no/such/file: not found\n"],
    [["/etc/passwd"], 126, "init: /etc/passwd: cannot be executed\n"],
    [["/etc"], 126, "init: /etc: cannot be executed\n"],
  ])("%j exits with %i", async (command, exitCode, complaint) => {
    const child = spawn(init, command, { stdio: ["ignore", "ignore", "pipe"] });
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
    expect([code, said]).toEqual([exitCode, complaint]);
  });

  test("runs its command with no signal blocked", async () => {
    const child = spawn(init, ["/bin/grep", "SigBlk", "/proc/self/status"]);
    expect(await text(child.stdout)).toBe("SigBlk:\t0000000000000000\n");
  });

  describe("as process 1", needs("userns", "program:unshare"), () => {
    test("leaves no zombies of processes whose parents died", async () => {
      const script = `
        for i in 1 2 3; do ( (sleep 0.1; exit) & ); done
        sleep 0.3
        grep -c '^State:.Z' /proc/[0-9]*/status | grep -c ':1$'`;
      const child = asFirst([init, "/bin/sh", "-c", script]);
      expect(await text(child.stdout!)).toBe("0\n");
    });

    test("dies of a signal for which the command has no handler", async () => {
      const child = asFirst([init, "/bin/sh", "-c", "echo ready; exec sleep 1000"]);
      await once(child.stdout!, "data");
      process.kill(firstOf(child), "SIGTERM");
      expect(await once(child, "exit")).toEqual([143, null]);
    });

    test("passes signals on, the real-time ones too", async () => {
      const script = "trap 'exit 3' USR1; trap 'exit 4' 40; echo ready; while :; do sleep 0.02; done";
      for (const [signal, exitCode] of [
        [10, 3],
        [40, 4],
      ] as const) {
        const child = asFirst([init, "/bin/sh", "-c", script]);
        await once(child.stdout!, "data");
        process.kill(firstOf(child), signal);
        expect(await once(child, "exit")).toEqual([exitCode, null]);
      }
    });
  });

  test("gives its command the terminal's foreground, so Ctrl-C and typing reach it", async () => {
    const script = `
      trap "echo INT; exit 5" INT
      read -r _ _ _ _ group _ _ foreground _ </proc/$$/stat
      [ "$$ $$" = "$group $foreground" ] && echo leads
      read a; echo got $a
      while :; do sleep 0.02; done`;
    const container = await start({ command: `exec ${init} /bin/sh -c '${script}'`, tty: true, foreground: true });
    await container.foreground.until("leads");
    container.foreground.send(FRAME.stdin, "word\r");
    await container.foreground.until("got word");
    container.foreground.send(FRAME.stdin, "\x03");
    expect((await container.foreground.end()).exitCode).toBe(5);
  });
});

/** Starts a program as process 1 of a new pid namespace with its own /proc. */
function asFirst(command: string[]): ChildProcess {
  const asUser = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  const child = spawn("unshare", [...asUser, "--pid", "--fork", "--kill-child", "--mount-proc", "--", ...command]);
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** The host's pid of that process 1. */
function firstOf({ pid }: ChildProcess): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim());
}
