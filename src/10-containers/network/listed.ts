// Networks as they are told of: in `network ls` and `network inspect`, in Docker's shapes. Two that are none of ours have
// a name all the same.

import { UserError } from "../../01-syscalls/index.ts";
import {
  ensureDefaultNetwork,
  findNetwork,
  leasesOn,
  listNetworks,
  type Network,
  parseSubnet,
  whileChanging,
} from "../../08-network/index.ts";
import { readContainer } from "../container.ts";
import type { Roots } from "../folders.ts";
import { Filters } from "../look/filters.ts";

export interface ListedNetwork {
  id: string;
  name: string;
  driver: "bridge" | "host" | "null";
  created: string;
  labels: Record<string, string>;
  internal: boolean;
  /** Of the driver "bridge". */
  network?: Network;
}

const BOOT = "0001-01-01T00:00:00Z";

const NOT_OURS: ListedNetwork[] = (["host", "none"] as const).map((name, index) => ({
  id: String(index + 1).padEnd(64, "0"),
  name,
  driver: name === "none" ? "null" : name,
  created: BOOT,
  labels: {},
  internal: false,
}));

const KEYS = ["dangling", "driver", "id", "label", "name", "scope", "type"];

/** By name. The default network is there also before anybody was on it. */
export function listedNetworks({ root }: Roots, filters: [key: string, value: string][] = []): ListedNetwork[] {
  const asked = new Filters(filters, KEYS);
  // An ordinary user has none.
  if (process.getuid?.() === 0) whileChanging(root, () => ensureDefaultNetwork(root));
  const all = [...listNetworks(root).map(listed), ...NOT_OURS];
  return all
    .filter((network) => isAskedFor(asked, root, network))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function listed(network: Network): ListedNetwork {
  const { id, name, created, labels, internal } = network;
  return { id, name, driver: "bridge", created, labels, internal, network };
}

function isAskedFor(asked: Filters, root: string, { id, name, driver, labels }: ListedNetwork): boolean {
  const isBuiltIn = ["bridge", "host", "none"].includes(name);
  const isDangling = !isBuiltIn && leasesOn(root, name).length === 0;
  return (
    asked.matches("name", name) &&
    asked.any("id", (value) => id.startsWith(value)) &&
    asked.any("driver", (value) => value === driver) &&
    asked.any("scope", (value) => value === "local") &&
    asked.any("type", (value) => value === (isBuiltIn ? "builtin" : "custom")) &&
    asked.any("dangling", (value) => /^(1|true)$/.test(value) === isDangling) &&
    asked.matchesLabels(labels)
  );
}

/** One network in Docker's shape. Throws UserError if there is none. */
export function inspectNetwork(roots: Roots, wanted: string): Record<string, unknown> {
  const found = listedNetworks(roots).find(({ name, id }) => name === wanted || id === wanted);
  const { id, name, driver, created, labels, internal, network } = found ?? listed(findNetwork(roots.root, wanted));
  return {
    Name: name,
    Id: id,
    Created: created,
    Scope: "local",
    Driver: driver,
    EnableIPv4: true,
    EnableIPv6: network?.subnet6 !== undefined,
    IPAM: { Driver: "default", Options: null, Config: network ? poolsOf(network) : null },
    Internal: internal,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: "" },
    ConfigOnly: false,
    Containers: network ? containersOn(roots, network) : {},
    Options: network?.options ?? {},
    Labels: labels,
  };
}

function poolsOf({ subnet, ipRange, gateway, subnet6, gateway6 }: Network) {
  const pool = { Subnet: subnet, ...(ipRange !== undefined && { IPRange: ipRange }), Gateway: gateway };
  return subnet6 === undefined ? [pool] : [pool, { Subnet: subnet6, Gateway: gateway6 }];
}

function containersOn(roots: Roots, { name, subnet }: Network) {
  const found = leasesOn(roots.root, name).flatMap(({ address, holder }) => {
    const container = readContainer(roots, holder);
    const endpoint = container?.state.endpoints?.find((each) => each.address === address);
    if (!container || !endpoint) return [];
    const shown = {
      Name: container.record.name,
      EndpointID: endpoint.link,
      MacAddress: endpoint.mac,
      IPv4Address: `${address}/${parseSubnet(subnet).prefix}`,
      IPv6Address: endpoint.six ? `${endpoint.six.address}/${endpoint.six.prefix}` : "",
    };
    return [[holder, shown] as const];
  });
  return Object.fromEntries(found);
}

/** Throws UserError for one of the names that stand for no network of ours. */
export function requireOurs(name: string): void {
  if (name === "host") throw new UserError("container cannot be connected to host network");
  if (name === "none") throw new UserError("container cannot be connected to the null network");
}
