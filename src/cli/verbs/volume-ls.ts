// `volume ls`: which volumes there are.

import type { Volume } from "../../09-volumes/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { findVolumes, mountpointOf } from "../../10-containers/look/list-volumes.ts";
import { readCommand } from "../flags/command.ts";
import type { FlagGroup } from "../flags/flags.ts";
import { FILTER, FORMAT, formatOf, type ListLook, listLook, quietFlag } from "../flags/list-flags.ts";
import { formatList, type Row } from "../show/format.ts";
import { joinedLabels } from "../show/joined-labels.ts";
import { report } from "../show/report.ts";

const FLAGS: FlagGroup<ListLook>[] = [["Options:", FILTER, FORMAT, quietFlag("volume names")]];

const HEADINGS = {
  Availability: "AVAILABILITY",
  Driver: "DRIVER",
  Group: "GROUP",
  Labels: "LABELS",
  Links: "LINKS",
  Mountpoint: "MOUNTPOINT",
  Name: "VOLUME NAME",
  Scope: "SCOPE",
  Size: "SIZE",
  Status: "STATUS",
};

/** What Docker says of what only `system df` looks at. */
const UNKNOWN = "N/A";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked = listLook();
  if (readCommand({ name: "volume ls", flags: FLAGS, asked, summary: "List volumes" }, argv) === undefined) return 0;
  let code = 0;
  const onUnreadable = (error: unknown) => {
    code = report(error, 1);
  };
  const rows = findVolumes(roots, { filters: asked.filters, onUnreadable }).map((volume) => row(roots, volume));
  const standard = "table {{.Driver}}\t{{.Name}}";
  const quiet = asked.quiet ? "Name" : undefined;
  process.stdout.write(formatList({ format: formatOf(asked), standard, headings: HEADINGS, quiet, rows }));
  return code;
}

function row(roots: Roots, { name, labels }: Volume): Row {
  return {
    Availability: UNKNOWN,
    Driver: "local",
    Group: UNKNOWN,
    Labels: joinedLabels(labels),
    Links: UNKNOWN,
    Mountpoint: mountpointOf(roots, name),
    Name: name,
    Scope: "local",
    Size: UNKNOWN,
    Status: UNKNOWN,
    // For templates; printed as JSON it isn't there.
    Label: (key: string) => (Object.hasOwn(labels, key) ? labels[key] : ""),
  };
}
