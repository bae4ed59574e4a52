// Names. On a network of one's own containers find each other by name: each of them has the others in its /etc/hosts,
// which is a file of the host's, bound over the image's, so it can be written while the container runs. Whoever comes or
// goes is written into, or out of, the files of those who are on a network with him.
//
// The file is written where it is, since the one bound is this very file and no other that takes its name.

import { existsSync, writeFileSync } from "node:fs";
import { DEFAULT_NETWORK, leasesOn, listNetworks } from "../../08-network/index.ts";
import { type Container, readContainer } from "../container.ts";
import { readText } from "../files.ts";
import type { Roots } from "../folders.ts";
import { shortId } from "../names.ts";
import { type HostsEntry, hostsText } from "../spec/etc-files.ts";
import type { Endpoint } from "./endpoint.ts";

/** Writes the files of all that are on one of these networks, and that of `self`, who is on them, or was. */
export function writeHosts(roots: Roots, self: Container, endpoints: readonly Endpoint[]): void {
  const networks = endpoints.map(({ network }) => network);
  const everybody = networks.every(isDefault) ? [self] : [self, ...onNetworks(roots, self.record.id)];
  const touched = everybody.filter((each) => each === self || networks.some((name) => isOn(each, name)));
  for (const each of touched) writeFileOf(each, everybody);
}

/** On the default network nobody is known by name. */
function isDefault(network: string): boolean {
  return network === DEFAULT_NETWORK;
}

function onNetworks({ root, state }: Roots, self: string): Container[] {
  const networks = listNetworks(root).map(({ name }) => name);
  const holders = networks.filter((name) => !isDefault(name)).flatMap((name) => leasesOn(root, name));
  const ids = new Set(holders.map(({ holder }) => holder));
  ids.delete(self);
  return [...ids].map((id) => readContainer({ root, state }, id)).filter((found) => found !== undefined);
}

function isOn({ state }: Container, network: string): boolean {
  return !isDefault(network) && (state.endpoints ?? []).some((endpoint) => endpoint.network === network);
}

function writeFileOf(container: Container, everybody: Container[]): void {
  const { record, state, folder } = container;
  const path = `${folder.etc}/hosts`;
  if (!existsSync(path)) return;
  const hostname = (readText(`${folder.etc}/hostname`) ?? "").trim();
  const own = (state.endpoints ?? []).flatMap((endpoint) => [
    { address: endpoint.address, names: hostname },
    ...everybody.flatMap((each) => entriesOn(endpoint.network, each)),
  ]);
  writeFileSync(path, hostsText({ extraHosts: record.options.extraHosts, own }));
}

/** What somebody is called on a network. */
function entriesOn(network: string, { record, state }: Container): HostsEntry[] {
  const there = isDefault(network) ? [] : (state.endpoints ?? []).filter((endpoint) => endpoint.network === network);
  return there.map(({ address, aliases }) => ({
    address,
    names: [...new Set([record.name, ...aliases, shortId(record.id)])].join(" "),
  }));
}
