import { describe, expect, test } from "vitest";
import { bindStep, PID, type Step, spellCall } from "../../src/01-syscalls/index.ts";
import {
  agentOf,
  callAgentSteps,
  informAgentSteps,
  type LinuxSeccomp,
  processState,
  seccompSteps,
} from "../../src/07-security/index.ts";

const asking = (name: string, listenerPath?: string): LinuxSeccomp => ({
  defaultAction: "SCMP_ACT_ALLOW",
  syscalls: [{ names: [name], action: "SCMP_ACT_NOTIFY" }],
  ...(listenerPath !== undefined && { listenerPath }),
});

describe("agentOf", () => {
  test("is who listens where the filter asks; a path that no rule asks at is passed over", () => {
    expect(agentOf(asking("mkdir", "/run/agent"))).toBe("/run/agent");
    expect(agentOf({ defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/run/agent" })).toBeUndefined();
  });

  test("nobody to ask, and the one call that brings him the question, are refused", () => {
    expect(() => agentOf(asking("mkdir"))).toThrow("listenerPath names none");
    expect(() => agentOf(asking("sendmsg", "/run/agent"))).toThrow("can't be asked of sendmsg");
  });
});

test("the filter's descriptor goes through the line right behind the filter", () => {
  expect(seccompSteps(new Uint8Array(8), [], "line").map(spellCall)).toMatchInlineSnapshot(`
    [
      "seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, {len=1, filter=/* 8 bytes */})",
      "sendmsg($line, {msg_name=NULL, msg_namelen=0, msg_iov={iov_base="l", iov_len=1}, msg_iovlen=1, msg_control={cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, fd=$listener, padding=0}, msg_controllen=24, msg_flags=0}, 0)",
    ]
  `);
});

test("a path that no address has room for is refused before anything is made", () => {
  expect(() => callAgentSteps(`/${"a".repeat(107)}`)).toThrow("can't be so long");
});

describe("what the agent is told", () => {
  const state = { ociVersion: "1.0.2", id: "one", status: "creating", bundle: "/b", annotations: { ä: "ö" } };
  const seccomp = { ...asking("mkdir", "/run/agent"), listenerMetadata: 'for "him"' };

  /** The bytes that go out, with the child's number put in. */
  function sent(pid: number, own: object = state): string {
    const steps = informAgentSteps(processState({ ociVersion: "1.0.2", state: own, seccomp }));
    const step = bindStep(steps.at(-1)!, { pid }) as Step;
    const message = step.args[1] as { struct: { value: { struct: { value: unknown }[] } }[] };
    const [text, bytes] = message.struct[2]!.value.struct.map(({ value }) => value);
    return Buffer.from(String(text)).subarray(0, Number(bytes)).toString();
  }

  test.each([1, 4194304])("is JSON whatever the number of its process: %i", (pid) => {
    const { status, ...rest } = JSON.parse(sent(pid)).state;
    expect(JSON.parse(sent(pid))).toEqual({
      ociVersion: "1.0.2",
      fds: ["seccompFd"],
      metadata: 'for "him"',
      pid,
      state: { ...rest, status },
    });
    expect({ status, ...rest }).toEqual({ ...state, pid });
  });

  test("of a later process, its own number and that of the container's first", () => {
    expect(JSON.parse(sent(77, { ...state, pid: 5 }))).toMatchObject({ pid: 77, state: { pid: 5 } });
    expect(PID.reg).toBe("pid");
  });
});
