// `network ls`: which networks there are.

import type { Roots } from "../../10-containers/folders.ts";
import { type ListedNetwork, listedNetworks } from "../../10-containers/network/listed.ts";
import { readCommand } from "../flags/command.ts";
import type { FlagGroup } from "../flags/flags.ts";
import { FILTER, formatOf, type ListLook, listLook, lookFlags } from "../flags/list-flags.ts";
import { formatList, type Row } from "../show/format.ts";
import { goTime } from "../show/go-time.ts";

const FLAGS: FlagGroup<ListLook>[] = [["Options:", FILTER, ...lookFlags("network")]];

const COLUMNS = "table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}";

const HEADINGS = {
  CreatedAt: "CREATED AT",
  Driver: "DRIVER",
  ID: "NETWORK ID",
  IPv4: "IPV4",
  IPv6: "IPV6",
  Internal: "INTERNAL",
  Labels: "LABELS",
  Name: "NAME",
  Scope: "SCOPE",
};

const SHORT_ID_LENGTH = 12;

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked = listLook();
  const summary = "List networks";
  if (readCommand({ name: "network ls", flags: FLAGS, asked, summary }, argv) === undefined) return 0;
  const rows = listedNetworks(roots, asked.filters).map((network) => row(network, asked.noTrunc));
  const quiet = asked.quiet ? "ID" : undefined;
  process.stdout.write(formatList({ format: formatOf(asked), standard: COLUMNS, headings: HEADINGS, quiet, rows }));
  return 0;
}

function row({ id, name, driver, created, internal, labels }: ListedNetwork, noTrunc: boolean): Row {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return {
    CreatedAt: goTime(new Date(created)),
    Driver: driver,
    ID: noTrunc ? id : id.slice(0, SHORT_ID_LENGTH),
    IPv4: "true",
    IPv6: "false",
    Internal: String(internal),
    Labels: pairs.sort().join(","),
    Name: name,
    Scope: "local",
  };
}
