// Is what came what the lesson shows? But for what varies, line by line; a line `…` stands for any lines.

import type { Console, Exchange, MachineKind } from "./lesson.ts";
import { exchangesOn } from "./lesson.ts";
import { type Field, steady } from "./varying.ts";

const ANY = "…";

/** The output's lines, with what one shell says otherwise than the next taken out of its complaints. */
export function outputLines(output: string): string[] {
  const lines = output.replace(/\r\n/g, "\n").replace(/\n+$/, "").split("\n").map(withoutShell);
  return lines.length === 1 && lines[0] === "" ? [] : lines;
}

/** `sh: 12: eval: x: not found` → `sh: x: not found` */
function withoutShell(line: string): string {
  return line
    .replace(/^(?:\/bin\/)?(?:ba|da|a)?sh: (?:line )?(?:\d+: )?(?:eval: )?(?:line )?(?:\d+: )?/, "sh: ")
    .trimEnd();
}

export function isSame(shown: readonly string[], came: readonly string[], varies: readonly Field[]): boolean {
  const [expected, actual] = [shown, came].map((lines) => lines.map((line) => steady(line, varies)));
  return fits(expected!, actual!);
}

function fits([first, ...rest]: string[], came: string[]): boolean {
  if (first === undefined) return came.length === 0;
  if (first === ANY) return came.some((_, skipped) => fits(rest, came.slice(skipped))) || fits(rest, []);
  return came.length > 0 && came[0] === first && fits(rest, came.slice(1));
}

/** What differs, as one reads it in a test's report: undefined where nothing does. */
export function differenceOf(block: Console, came: readonly Exchange[], machine: MachineKind): string | undefined {
  const shown = exchangesOn(block, machine);
  const at = shown.findIndex(({ output }, index) => !isSame(output, came[index]?.output ?? [], block.varies));
  if (at < 0) return undefined;
  const { command, output } = shown[at]!;
  return [`$ ${command}`, "is shown as:", ...output, "and this came:", ...(came[at]?.output ?? [])].join("\n");
}

/** What to write down: what came, unless what is shown already says it. */
export function recorded(shown: readonly Exchange[], came: readonly Exchange[], varies: readonly Field[]): Exchange[] {
  return came.map(({ command, output }, index) => {
    const known = shown[index]?.output ?? [];
    return { command, output: isSame(known, output, varies) ? [...known] : output };
  });
}
