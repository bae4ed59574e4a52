import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ERRNO, mountStep, SyscallError, UserError } from "../../src/01-syscalls/index.ts";
import { reasonOf, sentences } from "../../src/cli/errors.ts";
import { wantsColour } from "../../src/cli/show/colours.ts";

const mount = mountStep({ source: "overlay", target: "/m", type: "overlay", why: "layers" });
const refused = new SyscallError(mount, ERRNO.EINVAL);

test("a mistake is one line, and a hint below", () => {
  expect(sentences(new UserError("No such container: web", { exitCode: 1 }))).toEqual({
    text: "mini-docker: No such container: web",
    exitCode: 1,
  });
  expect(sentences(new UserError("unknown flag: --nmae", { hint: "did you mean --name?" })).text).toBe(
    "mini-docker: unknown flag: --nmae\n  Hint: did you mean --name?",
  );
});

test("what the kernel refused: the purpose, and below it the call as made", () => {
  const error = new UserError('Cannot start container "web": the kernel refused a mount', {
    cause: refused,
    hint: "h",
  });
  expect(sentences(error)).toEqual({
    text: [
      'mini-docker: Cannot start container "web": the kernel refused a mount',
      '  mount("overlay", "/m", "overlay", 0, NULL) = EINVAL',
      "  Hint: h",
    ].join("\n"),
    exitCode: 125,
  });
  expect(sentences(refused).text).toBe(
    'mini-docker: the kernel refused a system call\n  mount("overlay", "/m", "overlay", 0, NULL) = EINVAL',
  );
});

test("a cause that is a sentence itself follows on the same line", () => {
  const error = new UserError("cannot load x", { cause: new UserError("not a tar archive") });
  expect(sentences(error).text).toBe("mini-docker: cannot load x: not a tar archive");
});

function failingRead(path: string): unknown {
  try {
    return readFileSync(path);
  } catch (error) {
    return error;
  }
}

test("what Node was refused is no bug either: one line, in the order Docker has it", () => {
  const error = failingRead("/surely/not");
  expect(sentences(error)).toEqual({ text: "mini-docker: open /surely/not: no such file or directory", exitCode: 125 });
  expect(reasonOf(error)).toBe("no such file or directory");
});

test("a bug shows its stack", () => {
  const { text, exitCode } = sentences(new TypeError("x is undefined"));
  expect(text).toContain("this is a bug in mini-docker");
  expect(text).toMatch(/TypeError: x is undefined\n {4}at .*errors\.test\.ts/);
  expect(exitCode).toBe(125);
  expect(sentences("just a string").text).toContain("just a string");
});

test("colours: at a terminal, unless somebody says no", () => {
  expect(wantsColour({ isTTY: true }, {})).toBe(true);
  expect(wantsColour({ isTTY: true }, { NO_COLOR: "1" })).toBe(false);
  expect(wantsColour({ isTTY: true }, { TERM: "dumb" })).toBe(false);
  expect(wantsColour({}, {})).toBe(false);
  expect(wantsColour({}, { FORCE_COLOR: "1" })).toBe(true);
});
