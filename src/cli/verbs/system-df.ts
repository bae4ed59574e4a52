// `system df`: how much of the disk images, containers and builds take, and how much of that nobody needs.

import type { Roots } from "../../10-containers/folders.ts";
import { type DiskUsage, diskUsage } from "../../10-containers/look/disk-usage.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { formatList, type Row } from "../show/format.ts";
import { humanSize } from "../show/units.ts";

interface Asked {
  format?: string;
}

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["--format", "string", "'json', 'table' or a Go template", setters<Asked>().one("format", (text) => text)],
  ],
];

const STANDARD = "table {{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}";
const HEADINGS = { Type: "TYPE", TotalCount: "TOTAL", Active: "ACTIVE", Size: "SIZE", Reclaimable: "RECLAIMABLE" };

/** There are no volumes yet; who reads this with a program looks for them all the same. */
const NONE: DiskUsage = { total: 0, active: 0, bytes: 0, reclaimableBytes: 0 };

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = {};
  if (
    readCommand({ name: "system df", flags: FLAGS, asked, summary: "Show how much of the disk is used" }, argv) ===
    undefined
  )
    return 0;
  const { images, containers, buildCache } = await diskUsage(roots);
  const rows = [
    row("Images", images),
    row("Containers", containers),
    row("Local Volumes", NONE),
    row("Build Cache", buildCache, { hasShare: false }),
  ];
  process.stdout.write(formatList({ format: asked.format, standard: STANDARD, headings: HEADINGS, rows }));
  return 0;
}

/** With the share that could be had back, where there is any. */
function row(Type: string, { total, active, bytes, reclaimableBytes }: DiskUsage, { hasShare = true } = {}): Row {
  const share = hasShare && bytes > 0 ? ` (${Math.floor((reclaimableBytes * 100) / bytes)}%)` : "";
  return {
    Type,
    TotalCount: String(total),
    Active: String(active),
    Size: humanSize(bytes),
    Reclaimable: `${humanSize(reclaimableBytes)}${share}`,
  };
}
