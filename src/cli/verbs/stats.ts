// `stats`: what containers use, again and again.

import { setTimeout as sleep } from "node:timers/promises";
import { type Container, findId } from "../../10-containers/container.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { listContainers } from "../../10-containers/look/list.ts";
import { type Sample, takeSample, usageBetween } from "../../10-containers/look/usage.ts";
import { settled } from "../../10-containers/settle.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { boolean } from "../flags/values.ts";
import { formatList, type Row } from "../show/format.ts";
import { statsRow } from "../show/stats-row.ts";

interface Asked {
  all: boolean;
  format?: string;
  noStream: boolean;
  noTrunc: boolean;
}

const stats = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-a, --all", "", "Show all containers (default shows just running)", stats.one("all", boolean)],
    ["--format", "string", "'table', 'table TEMPLATE', 'json' or a Go template", stats.one("format", (text) => text)],
    ["--no-stream", "", "Only show the first result", stats.one("noStream", boolean)],
    ["--no-trunc", "", "Do not truncate output", stats.one("noTrunc", boolean)],
  ],
];

const COLUMNS =
  "table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}";

const HEADINGS = {
  BlockIO: "BLOCK I/O",
  CPUPerc: "CPU %",
  Container: "CONTAINER",
  ID: "CONTAINER ID",
  MemPerc: "MEM %",
  MemUsage: "MEM USAGE / LIMIT",
  Name: "NAME",
  NetIO: "NET I/O",
  PIDs: "PIDS",
};

/** Processor time is counted in ticks of a few milliseconds: over less than this a share would be noise. */
const FIRST_MS = 500;
const INTERVAL_MS = 1000;

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { all: false, noStream: false, noTrunc: false };
  const names = readCommand({ name: "stats", operands: ["[container...]"], flags: FLAGS, asked }, argv);
  if (names === undefined) return 0;
  const look = looker(roots, names, asked.all);
  await look();
  await sleep(FIRST_MS);
  for (;;) {
    const found = await look();
    show(
      found.map((one) => statsRow(one.container, usageBetween(one.before, one.now), asked.noTrunc)),
      asked,
    );
    if (asked.noStream || (names.length > 0 && found.length === 0)) return 0;
    await sleep(INTERVAL_MS);
  }
}

interface Look {
  container: Container;
  before: Sample;
  now: Sample;
}

/** Each call looks at those named, or at all there are by now, and has what it saw at the last call. */
function looker(roots: Roots, names: string[], all: boolean): () => Promise<Look[]> {
  const ids = names.map((name) => findId(roots, name));
  let last = new Map<string, Sample>();
  return async () => {
    const containers = ids.length > 0 ? await present(roots, ids) : await listContainers(roots, { all });
    const looks = containers.map((container) => lookAt(container, last));
    last = new Map(looks.map(({ container, now }) => [container.record.id, now]));
    return looks;
  };
}

async function present(roots: Roots, ids: string[]): Promise<Container[]> {
  const found = await Promise.all(ids.map((id) => settled(roots, id)));
  return found.filter((container) => container !== undefined);
}

function lookAt(container: Container, last: Map<string, Sample>): Look {
  const now = takeSample(container);
  return { container, before: last.get(container.record.id) ?? now, now };
}

const TO_TOP = "\x1b[H";
const CLEAR_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";
const CLEAR_ALL = "\x1b[2J";

let isFirst = true;

/** On a terminal each table is written over the last; elsewhere one follows the other. */
function show(rows: Row[], { format, noStream }: Asked): void {
  const text = formatList({ format, standard: COLUMNS, headings: HEADINGS, rows });
  const isLive = process.stdout.isTTY && !noStream;
  const lines = text.replaceAll("\n", `${CLEAR_LINE}\n`);
  process.stdout.write(isLive ? `${isFirst ? CLEAR_ALL : ""}${TO_TOP}${lines}${CLEAR_BELOW}` : text);
  isFirst = false;
}
