// `network inspect`: all that is known of networks.

import type { Roots } from "../../10-containers/folders.ts";
import { inspectNetwork } from "../../10-containers/network/listed.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { printer } from "../show/inspect-objects.ts";
import { report } from "../show/report.ts";

interface Asked {
  format?: string;
}

const FLAGS: FlagGroup<Asked>[] = [
  ["Options:", ["-f, --format", "string", "'json' or a Go template", setters<Asked>().one("format", (given) => given)]],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = {};
  const summary = "Display detailed information on one or more networks";
  const line = { name: "network inspect", operands: ["<network...>"], flags: FLAGS, asked, summary };
  const names = readCommand(line, argv);
  if (names === undefined) return 0;
  const print = printer(asked.format);
  const found: Record<string, unknown>[] = [];
  const errors: unknown[] = [];
  for (const name of names) {
    try {
      found.push(inspectNetwork(roots, name));
    } catch (error) {
      errors.push(error);
    }
  }
  process.stdout.write(print(found));
  for (const error of errors) report(error, 1);
  return errors.length > 0 ? 1 : 0;
}
