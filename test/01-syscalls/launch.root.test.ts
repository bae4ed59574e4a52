import { readlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CLONE, execveStep, O, openStep, reg, SyscallError, step, writeStep } from "../../src/01-syscalls/index.ts";
import { runPlan, shell } from "../support/launch.ts";

describe("launch", () => {
  test("runs the inside list in a child of the namespaces asked for", () => {
    const { stdout, exitCode } = runPlan({
      flags: CLONE.NEWPID | CLONE.NEWUTS,
      inside: [shell("echo $$; readlink /proc/self/ns/uts; exit 3")],
    });
    const [pid, uts] = stdout.trim().split("\n");
    expect(pid).toBe("1");
    expect(uts).not.toBe(readlinkSync("/proc/self/ns/uts"));
    expect(exitCode).toBe(3);
  });

  test("names the call that failed, as strace would", () => {
    const failing = () => runPlan({ inside: [execveStep({ path: "/no/such", argv: ["x"], env: [], why: "missing" })] });
    expect(failing).toThrow(SyscallError);
    expect(failing).toThrow('execve("/no/such", ["x"], []) = ENOENT');
  });

  test("leaves out steps whose descriptor an allowed failure did not give", () => {
    const results: number[] = [];
    const { stdout } = runPlan({
      inside: [
        openStep({ path: "/no/such", flags: O.RDONLY, why: "may be absent", allow: ["ENOENT"], as: "absent" }),
        writeStep({ fd: reg("absent"), data: "x", why: "only if it is there" }),
        shell("echo went on"),
      ],
      onStep: ({ list, step, result }) => list === "inside" && step.call === "write" && results.push(result),
    });
    expect(stdout).toBe("went on\n");
    expect(results).toEqual([-2]);
  });

  test("prints registers into text, several and anywhere", () => {
    const { stdout } = runPlan({
      inside: [
        step("getpid", [], { why: "a number", as: "id" }),
        execveStep({
          path: "/bin/echo",
          argv: ["echo", { text: ["<", reg("id"), "|", reg("id"), ">"] }],
          env: [],
          why: "shows them",
        }),
      ],
    });
    expect(stdout).toMatch(/^<(\d+)\|\1>\n$/);
  });

  test("the child holds no descriptor but its three once the program runs", () => {
    const { stdout } = runPlan({ inside: [shell("ls /proc/self/fd")] });
    expect(stdout.trim().split("\n")).toEqual(["0", "1", "2", "3"]);
  });
});
