import { describe, expect, test } from "vitest";
import { perform, pipeStep, reg, SyscallError, step, writeStep } from "../../src/01-syscalls/index.ts";

/** A pipe stands for the socket: what is read is what netlink(7) says of a message. */
function hear(type: number, error: number, allow: "EEXIST"[] = []) {
  const message = Buffer.alloc(36);
  message.writeUInt32LE(36, 0);
  message.writeUInt16LE(type, 4);
  message.writeInt32LE(error, 16);
  const about = { why: "the answer", reply: "netlink", as: "answer", allow } as const;
  return perform([
    pipeStep({ read: "from", write: "to", why: "a way back" }),
    writeStep({ fd: reg("to"), data: message, why: "the kernel's word" }),
    step("read", [reg("from"), { room: 64 }, 64], { ...about, allow }),
    step("close", [reg("to")], { why: "done" }),
    step("close", [reg("from")], { why: "done" }),
  ]).answer;
}

describe("the answer to a netlink message", () => {
  test("is a failure with the errno in it", () => {
    expect(() => hear(2, -17)).toThrow(SyscallError);
    expect(() => hear(2, -17)).toThrow("= EEXIST");
  });

  test("is fine where it says so, or where that error is allowed", () => {
    expect(hear(2, 0)).toBe(36);
    expect(hear(2, -17, ["EEXIST"])).toBe(-17);
  });

  test("is no error if it is of another type", () => {
    expect(hear(16, -17)).toBe(36);
  });
});
