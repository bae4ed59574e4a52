// Colours are for people at a terminal: none into a pipe, none for who says so (https://no-color.org).

import { Chalk, type ChalkInstance } from "chalk";
import type { Paint } from "../errors.ts";

interface Output {
  isTTY?: boolean | undefined;
}

/** Chalk for this output: in colour only where somebody sees it and wants it. */
export function colours(output: Output, env: NodeJS.ProcessEnv = process.env): ChalkInstance {
  return new Chalk({ level: wantsColour(output, env) ? 1 : 0 });
}

export function wantsColour(output: Output, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== "0";
  return output.isTTY === true && env.TERM !== "dumb";
}

export function errorPaint(output: Output): Paint {
  const chalk = colours(output);
  return { program: chalk.red.bold, call: chalk.yellow, hint: chalk.cyan };
}
