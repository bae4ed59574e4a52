import { closeSync, openSync } from "node:fs";
import { expect, test } from "vitest";
import { IOCTL, O, performOne, step } from "../../src/01-syscalls/index.ts";
import { isTerminal } from "../../src/10-containers/streams/is-terminal.ts";

test("a terminal is one until whoever shows it is gone, and other files are none", () => {
  const master = openSync("/dev/ptmx", O.RDWR | O.NOCTTY);
  const why = "the other side";
  performOne(step("ioctl", [master, IOCTL.TIOCSPTLCK, { room: 8 }], { why }));
  const terminal = performOne(step("ioctl", [master, IOCTL.TIOCGPTPEER, O.RDWR | O.NOCTTY], { why }));
  expect(isTerminal(terminal)).toBe(true);
  closeSync(master);
  // EIO: it has been hung up.
  expect(isTerminal(terminal)).toBe(false);
  closeSync(terminal);
  expect(isTerminal(terminal)).toBe(false);
  const nothing = openSync("/dev/null", "r");
  expect(isTerminal(nothing)).toBe(false);
  closeSync(nothing);
});
