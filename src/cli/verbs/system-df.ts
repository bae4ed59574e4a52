// `system df`: how much of the disk images, containers, volumes and builds take, and how much of that nobody needs.

import type { Roots } from "../../10-containers/folders.ts";
import { diskContents } from "../../10-containers/look/disk-contents.ts";
import { type DiskUsage, diskUsage } from "../../10-containers/look/disk-usage.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { boolean } from "../flags/values.ts";
import { diskRows, diskTables } from "../show/disk-tables.ts";
import { formatList, type Row } from "../show/format.ts";
import { formatObject } from "../show/format-object.ts";
import { imageNames } from "../show/ps-row.ts";
import { humanSize } from "../show/units.ts";

interface Asked {
  format?: string;
  verbose: boolean;
}

const df = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["--format", "string", "'json', 'table' or a Go template", df.one("format", (text) => text)],
    ["-v, --verbose", "", "Show each image, container, volume and kept layer", df.one("verbose", boolean)],
  ],
];

const STANDARD = "table {{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}";
const HEADINGS = { Type: "TYPE", TotalCount: "TOTAL", Active: "ACTIVE", Size: "SIZE", Reclaimable: "RECLAIMABLE" };

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { verbose: false };
  if (
    readCommand({ name: "system df", flags: FLAGS, asked, summary: "Show how much of the disk is used" }, argv) ===
    undefined
  )
    return 0;
  const contents = await diskContents(roots);
  const { images, containers, volumes, cache } = diskUsage(contents);
  if (asked.verbose) {
    const each = diskRows(contents, imageNames(roots.root));
    process.stdout.write(formatObject(asked.format, each, () => diskTables(each, cache.bytes)));
    return 0;
  }
  const rows = [
    row("Images", images),
    row("Containers", containers),
    row("Local Volumes", volumes),
    row("Build Cache", cache, { hasShare: false }),
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
