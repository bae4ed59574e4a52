// `ps`: which containers there are.

import type { Roots } from "../../10-containers/folders.ts";
import { listContainers } from "../../10-containers/look/list.ts";
import { containerSize } from "../../10-containers/look/size.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { FILTER, formatOf, type ListLook, listLook, lookFlags } from "../flags/list-flags.ts";
import { boolean, integer } from "../flags/values.ts";
import { formatList } from "../show/format.ts";
import { imageNames, psRow, type RowLook } from "../show/ps-row.ts";
import { report } from "../show/report.ts";

interface Asked extends ListLook {
  all: boolean;
  last: number;
  latest: boolean;
  size: boolean;
}

const ps = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-a, --all", "", "Show all containers (default shows just running)", ps.one("all", boolean)],
    FILTER,
    ["-n, --last", "int", "Show n last created containers (includes all states)", ps.one("last", integer)],
    ["-l, --latest", "", "Show the latest created container (includes all states)", ps.one("latest", boolean)],
    ["-s, --size", "", "Display total file sizes", ps.one("size", boolean)],
    ...lookFlags("container"),
  ],
];

const COLUMNS = "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}";

const HEADINGS = {
  Command: "COMMAND",
  CreatedAt: "CREATED AT",
  ID: "CONTAINER ID",
  Image: "IMAGE",
  Labels: "LABELS",
  LocalVolumes: "LOCAL VOLUMES",
  Mounts: "MOUNTS",
  Names: "NAMES",
  Networks: "NETWORKS",
  Ports: "PORTS",
  RunningFor: "CREATED",
  Size: "SIZE",
  State: "STATE",
  Status: "STATUS",
};

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { ...listLook(), all: false, last: -1, latest: false, size: false };
  if (readCommand({ name: "ps", flags: FLAGS, asked }, argv) === undefined) return 0;
  let code = 0;
  const onUnreadable = (error: unknown) => {
    code = report(error, 1);
  };
  const { all, latest, last, filters, noTrunc } = asked;
  const containers = await listContainers(roots, { all, last: latest ? 1 : last, filters, onUnreadable });
  const format = formatOf(asked);
  const look = { noTrunc, names: namesOrNone(roots, onUnreadable), size: wantsSize(asked) ? containerSize : undefined };
  const rows = containers.map((container) => psRow(container, look));
  const standard = asked.size ? `${COLUMNS}\t{{.Size}}` : COLUMNS;
  const quiet = asked.quiet ? "ID" : undefined;
  process.stdout.write(formatList({ format, standard, headings: HEADINGS, quiet, rows }));
  return code;
}

/** An image store that is damaged doesn't hide the containers. */
function namesOrNone({ root }: Roots, onUnreadable: (error: unknown) => void): RowLook["names"] {
  try {
    return imageNames(root);
  } catch (error) {
    onUnreadable(error);
    return new Map();
  }
}

/** A template that prints it asks for it. */
function wantsSize({ size, format }: Asked): boolean {
  return size || (format?.includes(".Size") ?? false);
}
