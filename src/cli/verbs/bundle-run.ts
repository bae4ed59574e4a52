// `bundle run`: a bundle that was not made here, as `crun run -b` would run it.

import { resolve } from "node:path";
import { createFromBundle } from "../../10-containers/bundle-in.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { removeContainer } from "../../10-containers/remove.ts";
import { startExisting } from "../../10-containers/restart.ts";
import { runInForeground } from "../../10-containers/streams/foreground.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { boolean } from "../flags/values.ts";
import { CTRL_P_CTRL_Q, requireTerminal, toOurOutput } from "../foreground.ts";
import { warn } from "../output.ts";

interface Asked {
  detach: boolean;
  name?: string;
}

const run = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-d, --detach", "", "Run in background and print the container's ID", run.one("detach", boolean)],
    ["--name", "string", "Assign a name to the container", run.one("name", (text) => text)],
  ],
];

const SUMMARY = `Run an OCI bundle: a directory with a config.json and the root filesystem it names

In the foreground the container is removed when it exits; its files are the bundle's
and stay. With -d it stays, too, and all other commands know it.`;

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { detach: false };
  const line = { name: "bundle run", operands: ["<dir>"], flags: FLAGS, asked, summary: SUMMARY };
  const words = readCommand(line, argv);
  if (words === undefined) return 0;
  const { detach, name } = asked;
  const wish = { name, remove: !detach, onWarning: warn };
  const { record } = await createFromBundle(roots, resolve(words[0]!), wish);
  const { id, options } = record;
  try {
    if (detach) await startExisting(roots, id, { onWarning: warn });
    else return await stay(roots, id, options.tty);
  } catch (error) {
    await removeContainer(roots, id, { force: true });
    throw error;
  }
  process.stdout.write(`${id}\n`);
  return 0;
}

async function stay(roots: Roots, id: string, tty: boolean): Promise<number> {
  const lending = { tty, interactive: true };
  requireTerminal(lending);
  const how = { ...lending, detachKeys: CTRL_P_CTRL_Q, proxySignals: true, handlers: toOurOutput };
  return (await runInForeground(roots, id, { ...how, start: { onWarning: warn } })) ?? 0;
}
