import { describe, expect, test } from "vitest";
import { readCommand } from "../../src/cli/flags/command.ts";
import { readLine } from "../../src/cli/flags/plain.ts";
import { RUN_FLAGS, runCommand } from "../../src/cli/flags/run-flags.ts";

const line = { name: "run", flags: RUN_FLAGS, operands: ["<image>", "[command]", "[arg...]"], unasked: runCommand };

/** What commander makes of it, which is what it has to be. */
function byCommander(argv: string[]) {
  const asked = runCommand();
  const words = readCommand(
    { name: "run", flags: RUN_FLAGS, operands: line.operands, asked, stopsAtOperand: true },
    argv,
  );
  return { asked, words };
}

describe("readLine: a plain line is read as commander reads it", () => {
  test.each([
    ["base"],
    ["--rm base true"],
    ["-itm 512m --name=web -e A=1 -e B= base sh -c --rm"],
    ["--rm=false --cpus .5 -- base -- --name x"],
    ["-v /a:/b:ro --tmpfs /t base"],
    ["--env -x base -"],
    ["- --rm"],
  ])("%s", async (text) => {
    const argv = text.split(" ");
    expect(await readLine(line, argv)).toEqual(byCommander(argv));
  });
});

describe("readLine: what isn't plain is refused in Docker's words", () => {
  test.each([
    ["--nmae x base", "unknown flag: --nmae"],
    ["-m 3x base", 'invalid argument "3x" for "-m, --memory" flag: invalid suffix: \'x\''],
    ["--rm", "'mini-docker run' requires at least 1 argument"],
    ["--name", "flag needs an argument: --name"],
  ])("%s", async (text, message) => {
    await expect(readLine(line, text.split(" "))).rejects.toThrow(message);
  });

  test("and what was set before it was noticed is forgotten", async () => {
    const made: ReturnType<typeof runCommand>[] = [];
    const unasked = () => {
      made.push(runCommand());
      return made.at(-1)!;
    };
    await expect(readLine({ ...line, unasked }, ["-e", "A=1", "-m", "3x", "base"])).rejects.toThrow();
    expect(made.map(({ env }) => env)).toEqual([["A=1"], ["A=1"]]);
  });
});
