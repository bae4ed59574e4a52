// How to end a container: `stop` and `restart` are asked in the same words.

import { parseSignal } from "../../10-containers/signals.ts";
import type { StopOptions } from "../../10-containers/stop.ts";
import { readCommand } from "./command.ts";
import { type FlagGroup, setters } from "./flags.ts";
import { integer } from "./values.ts";

interface Asked {
  signal?: string;
  timeoutSeconds?: number;
}

const stop = setters<Asked>();

/** `--time` is what `--timeout` was called before. */
const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-s, --signal", "string", "Signal to send to the container", stop.one("signal", (text) => text)],
    ["-t, --timeout", "int", "Seconds to wait before killing the container", stop.one("timeoutSeconds", integer)],
  ],
  ["", ["--time", "int", "Same as --timeout", stop.one("timeoutSeconds", integer)]],
];

/** Which containers, and how; undefined after the help was printed. */
export function readStop(name: string, argv: string[]): { names: string[]; options: StopOptions } | undefined {
  const asked: Asked = {};
  const names = readCommand({ name, operands: ["<container...>"], flags: FLAGS, asked }, argv);
  const { signal, timeoutSeconds } = asked;
  return names && { names, options: { timeoutSeconds, ...(signal !== undefined && { signal: parseSignal(signal) }) } };
}
