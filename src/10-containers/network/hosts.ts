// The two files of a container that follow its networks: /etc/hosts has its own addresses, and /etc/resolv.conf says where
// it asks for all others'. Both are files of the host's, bound over the image's, so they can be written while it runs; but
// where they are, since what is bound is this very file and no other that takes its name.

import { existsSync, writeFileSync } from "node:fs";
import { NAME_SERVER, parseTunnel, TUNNEL_NETWORK } from "../../08-network/index.ts";
import type { Container } from "../container.ts";
import { readText } from "../files.ts";
import { hostsText, resolvConfText } from "../spec/etc-files.ts";
import { isHost } from "../spec/namespaces.ts";
import type { RunOptions } from "../spec/options.ts";
import { asksForNames } from "./endpoint.ts";

/** The container is on its networks, or on others than before. */
export function writeNetworkFiles({ record: { options }, state, folder }: Container): void {
  if (!existsSync(`${folder.etc}/hosts`)) return;
  const names = (readText(`${folder.etc}/hostname`) ?? "").trim();
  const endpoints = parseTunnel(options.network) ? [TUNNEL_NETWORK] : (state.endpoints ?? []);
  const own = endpoints.map(({ address }) => ({ address, names }));
  writeFileSync(`${folder.etc}/hosts`, hostsText({ extraHosts: options.extraHosts, own }));
  writeFileSync(`${folder.etc}/resolv.conf`, resolvConfOf(options));
}

/** On a network of one's own the container asks us; without one, whom the host asks. */
export function resolvConfOf(options: RunOptions): string {
  const { dns, dnsSearch, dnsOptions, endpoints, network } = options;
  const choices = { dnsSearch, dnsOptions, hostNetwork: isHost(network) };
  const hostText = readText("/etc/resolv.conf") ?? "";
  const tunnel = parseTunnel(network);
  const whom = tunnel && dns.length === 0 ? [TUNNEL_NETWORK.nameServer] : dns;
  if (!endpoints.some(asksForNames)) return resolvConfText(hostText, { ...choices, dns: whom });
  const hasDots = dnsOptions.some((option) => option.startsWith("ndots:"));
  // A name without a dot is one of ours, and asked for as it is.
  return resolvConfText(hostText, {
    ...choices,
    dns: [NAME_SERVER],
    moreOptions: hasDots ? [] : ["ndots:0"],
  });
}
