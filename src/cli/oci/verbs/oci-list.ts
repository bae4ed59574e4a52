// `list`: all containers of a root.

import { allContainers, type RuntimeContainer, stateOf } from "../../../10-containers/runtime/runtime-container.ts";
import { type FlagGroup, setters } from "../../flags/flags.ts";
import { boolean } from "../../flags/values.ts";
import { writeAll } from "../../output.ts";
import { table } from "../../show/table.ts";
import { tableOrJson } from "../formats.ts";
import type { Globals } from "../globals.ts";
import { readOciLine } from "../line.ts";

interface ListAsked {
  format: "table" | "json";
  quiet: boolean;
}

const list = setters<ListAsked>();

const FLAGS: FlagGroup<ListAsked> = [
  "Options:",
  ["-f, --format", "string", "table or json", list.one("format", tableOrJson)],
  ["-q, --quiet", "", "Only ids", list.one("quiet", boolean)],
];

const unasked = (): ListAsked => ({ format: "table", quiet: false });

export async function verb(argv: string[], globals: Globals): Promise<number> {
  const line = await readOciLine({ name: "list", flags: [FLAGS], operands: [], unasked }, argv);
  if (!line) return 0;
  const rows = allContainers(globals.root).map(rowOf);
  if (line.asked.quiet) writeAll(1, rows.map(({ id }) => `${id}\n`).join(""));
  else if (line.asked.format === "json") writeAll(1, `${JSON.stringify(rows)}\n`);
  else writeAll(1, table(HEADINGS, rows.map(cells)));
  return 0;
}

const HEADINGS = ["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"];

function rowOf(container: RuntimeContainer) {
  const { rootfs, created, owner } = container;
  return { ...stateOf(container), rootfs, created, owner };
}

function cells({ id, pid = 0, status, bundle, created, owner }: ReturnType<typeof rowOf>): string[] {
  return [id, String(pid), status, bundle, created, owner];
}
