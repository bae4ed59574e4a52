// What can be done with networks: made, removed, and containers plugged in and pulled out, also while they run.

import { closeSync } from "node:fs";
import { UserError } from "../../01-syscalls/index.ts";
import {
  createNetwork,
  findNetwork,
  isInUse,
  leasesOn,
  listNetworks,
  matchHost,
  type Network,
  type NetworkWish,
  PREDEFINED,
  parseTunnel,
  release,
  releaseNow,
  removeNetwork,
  whileChanging,
} from "../../08-network/index.ts";
import { type Container, containerIds, locked, writeRecord, writeState } from "../container.ts";
import { recordEvent } from "../events.ts";
import type { Roots } from "../folders.ts";
import { isAlive } from "../identity.ts";
import { Filters, hasLabel } from "../look/filters.ts";
import { settle, settled } from "../settle.ts";
import { joinedContainer } from "../spec/namespaces.ts";
import type { EndpointWish } from "../spec/options.ts";
import { cablesOf, type Endpoint, networkNamed, takeEndpoint } from "./endpoint.ts";
import { writeNetworkFiles } from "./hosts.ts";
import { endCable, layCable, showWayOut } from "./lay.ts";
import { requireOurs } from "./listed.ts";
import { inOwnHost, needsOwnHost, openOwnHost, releaseOwn } from "./own-host.ts";
import { makeReady } from "./plug.ts";
import { tellNames } from "./resolver.ts";

/** Returns its id. Throws UserError. */
export function makeNetwork(roots: Roots, wish: NetworkWish): string {
  const network = whileChanging(roots.root, () => createNetwork(roots.root, wish));
  networkEvent(roots, network, "create");
  return network.id;
}

/** Throws UserError as long as a container is on it. */
export async function dropNetwork(roots: Roots, wanted: string): Promise<void> {
  if (PREDEFINED.includes(wanted)) throw new UserError(`${wanted} is a pre-defined network and cannot be removed`);
  await settleAll(roots);
  const network = whileChanging(roots.root, () => {
    const found = findNetwork(roots.root, wanted);
    removeNetwork(roots.root, found);
    return found;
  });
  networkEvent(roots, network, "destroy");
}

/** Removes all that no container is on; their names. */
export async function pruneNetworks(roots: Roots, filters: [key: string, value: string][]): Promise<string[]> {
  const asked = new Filters(filters, ["label", "label!", "until"]);
  await settleAll(roots);
  const isAsked = ({ labels, created }: Network) =>
    asked.matchesLabels(labels) &&
    asked.get("label!").every((label) => !hasLabel(labels, label)) &&
    asked.get("until").every((until) => Date.parse(created) < Number(until));
  const unused = whileChanging(roots.root, () => {
    const found = listNetworks(roots.root).filter(
      (network) => !PREDEFINED.includes(network.name) && !isInUse(roots.root, network.name) && isAsked(network),
    );
    for (const network of found) removeNetwork(roots.root, network);
    return found;
  });
  for (const network of unused) networkEvent(roots, network, "destroy");
  return unused.map(({ name }) => name);
}

/** Who has ended is on no network any more, whether or not somebody has noticed. */
async function settleAll(roots: Roots): Promise<void> {
  for (const id of containerIds(roots)) await settled(roots, id).catch(() => {});
}

/** Plugs a container into one more network; at once if it runs. Throws UserError. */
export async function connect(roots: Roots, id: string, wish: EndpointWish): Promise<void> {
  requireOurs(wish.network);
  await locked(roots, id, async (container) => {
    await settle(container);
    const { record } = container;
    const network = networkNamed(roots.root, wish.network);
    const { endpoints } = record.options;
    requireConnectable(container);
    if (endpoints.some((each) => each.network === network.name)) {
      throw new UserError(`endpoint with name ${record.name} already exists in network ${network.name}`);
    }
    const named = { ...wish, network: network.name };
    const plug = needsOwnHost() ? plugFromOwnHost : plugInto;
    clearAway(container, network);
    if (isAlive(container.state.process)) plug(container, named);
    // From now on it is on networks that somebody has asked for.
    const options = { ...record.options, isDefaultNetwork: false, endpoints: [...endpoints, named] };
    writeRecord(container, { options });
    writeNetworkFiles(container);
    networkEvent(roots, network, "connect", { container: id });
  });
}

function requireConnectable({ record }: Container): void {
  const { network } = record.options;
  if (network === "host" || joinedContainer(network) !== undefined) {
    throw new UserError(
      "container sharing network namespace with another container or host cannot be connected to any other network",
    );
  }
  if (network === "none" || parseTunnel(network)) {
    throw new UserError(
      "container cannot be connected to multiple networks with one of the networks in private (none) mode",
    );
  }
}

/** Whoever was about to plug it in was killed. */
function clearAway(container: Container, { name }: Network): void {
  const { roots, record, state } = container;
  if (!leasesOn(roots.root, name).some(({ holder }) => holder === record.id)) return;
  whileChanging(roots.root, () => withdraw(roots, record.id, name));
  writeState(container, { endpoints: state.endpoints?.filter(({ network }) => network !== name) ?? [] });
}

/** The address, the bridge and the cable: all or nothing. */
function plugInto(container: Container, wish: EndpointWish): void {
  const { roots, state, record } = container;
  const before = state.endpoints ?? [];
  const withdraw = () => {
    release(roots.root, (holder) => holder === record.id, wish.network);
    matchHost(roots.root, roots.state);
  };
  whileChanging(roots.root, () => {
    try {
      makeReady(roots, [wish]);
      const endpoint = takeEndpoint(roots.root, record.id, wish, freeName(before));
      const endpoints = [...before, endpoint];
      const cables = cablesOf(endpoints, matchHost(roots.root, roots.state));
      layCable(state.process!.pid, cables.at(-1)!);
      writeState(container, { endpoints });
      tellNames(roots);
    } catch (error) {
      withdraw();
      throw error;
    }
  });
}

/** The same where an ordinary user's bridges are. */
function plugFromOwnHost(container: Container, wish: EndpointWish): void {
  const { roots, state, record } = container;
  const before = state.endpoints ?? [];
  const { pid } = state.process!;
  const [endpoints, host] = whileChanging(roots.root, () => {
    makeReady(roots, [wish]);
    const taken = [...before, takeEndpoint(roots.root, record.id, wish, freeName(before))];
    return [taken, openOwnHost(roots)] as const;
  });
  try {
    writeState(container, { endpoints });
    const cable = cablesOf(endpoints, new Map()).at(-1)!;
    inOwnHost(roots, host, ["lay", record.id, String(pid), cable.name]);
    endCable(pid, cable);
    whileChanging(roots.root, () => tellNames(roots));
  } catch (error) {
    whileChanging(roots.root, () => releaseOwn(roots, record.id, wish.network));
    writeState(container, { endpoints: before });
    throw error;
  } finally {
    closeSync(host);
  }
}

function freeName(endpoints: readonly Endpoint[]): string {
  for (let index = 0; ; index++) {
    if (!endpoints.some(({ name }) => name === `eth${index}`)) return `eth${index}`;
  }
}

/** Pulls it out. Throws UserError if it isn't on that network. */
export async function disconnect(roots: Roots, id: string, wanted: string): Promise<void> {
  await locked(roots, id, async (container) => {
    await settle(container);
    const { record } = container;
    const network = networkNamed(roots.root, wanted);
    const rest = record.options.endpoints.filter((each) => each.network !== network.name);
    if (rest.length === record.options.endpoints.length) {
      throw new UserError(`container ${id} is not connected to network ${network.name}`);
    }
    if (container.state.endpoints) pullOut(container, network);
    writeRecord(container, { options: { ...record.options, endpoints: rest } });
    writeNetworkFiles(container);
    networkEvent(roots, network, "disconnect", { container: id });
  });
}

function pullOut(container: Container, network: Network): void {
  const { roots, state, record } = container;
  const before = state.endpoints ?? [];
  const left = before.find((endpoint) => endpoint.network === network.name);
  const endpoints = before.filter((endpoint) => endpoint !== left);
  const ports = (state.ports ?? []).filter(({ address }) => address !== left?.address);
  whileChanging(roots.root, () => {
    const bridges = withdraw(roots, record.id, network.name);
    writeState(container, { endpoints, ports });
    tellNames(roots);
    // The way out may have been through it.
    const out = cablesOf(endpoints, bridges).find(({ gateway }) => gateway !== undefined);
    if (out && isAlive(state.process)) showWayOut(state.process.pid, out.gateway!);
  });
}

function withdraw(roots: Roots, id: string, network: string): Map<string, number> {
  if (needsOwnHost()) {
    releaseOwn(roots, id, network);
    return new Map();
  }
  // It is still in there, and would be seen.
  releaseNow(roots.root, (holder) => holder === id, network);
  return matchHost(roots.root, roots.state);
}

function networkEvent(roots: Roots, { id, name }: Network, action: string, more: Record<string, string> = {}): void {
  recordEvent(roots, { type: "network", action, id, attributes: { name, type: "bridge", ...more } });
}
