// How a container's networks and ports are told of: in `inspect`, `ps` and `port`, in Docker's shapes.

import { type PortWish, type Published, parseTunnel, TUNNEL_NETWORK, withBrackets } from "../../08-network/index.ts";
import type { Container } from "../container.ts";
import { isAlive } from "../identity.ts";
import { shortId } from "../names.ts";
import type { EndpointWish, RunOptions } from "../spec/options.ts";
import type { Endpoint } from "./endpoint.ts";

/** `inspect`'s NetworkSettings. */
export function networkSettings({ record, state }: Container) {
  const { endpoints = [], ports = [] } = state;
  const { endpoints: wishes, network } = record.options;
  const onDefault = endpoints.find((endpoint) => endpoint.network === "bridge");
  const shown: [string, object][] = wishes.map((wish) => [wish.network, endpointSettings(wish, endpoints, record.id)]);
  return {
    SandboxKey: isAlive(state.process) ? `/proc/${state.process.pid}/ns/net` : "",
    Ports: portMap(ports, record.options.expose),
    Gateway: onDefault?.gateway ?? "",
    IPAddress: onDefault?.address ?? "",
    IPPrefixLen: onDefault?.prefix ?? 0,
    MacAddress: onDefault?.mac ?? "",
    Networks: wishes.length > 0 ? Object.fromEntries(shown) : { [network]: tunnelSettings(network) },
  };
}

function tunnelSettings(network: string) {
  if (!parseTunnel(network)) return {};
  const { address, prefix, gateway } = TUNNEL_NETWORK;
  return { IPAddress: address, IPPrefixLen: prefix, Gateway: gateway };
}

function endpointSettings(wish: EndpointWish, endpoints: Endpoint[], id: string) {
  const { network, aliases, address, address6, mac } = wish;
  const chosen = { ...(address && { IPv4Address: address }), ...(address6 && { IPv6Address: address6 }) };
  const found = endpoints.find((endpoint) => endpoint.network === network);
  return {
    IPAMConfig: Object.keys(chosen).length > 0 ? chosen : null,
    Aliases: aliases.length > 0 ? aliases : null,
    MacAddress: found?.mac ?? mac ?? "",
    NetworkID: found?.networkId ?? "",
    EndpointID: found?.link ?? "",
    Gateway: found?.gateway ?? "",
    IPAddress: found?.address ?? "",
    IPPrefixLen: found?.prefix ?? 0,
    IPv6Gateway: found?.six?.gateway ?? "",
    GlobalIPv6Address: found?.six?.address ?? "",
    GlobalIPv6PrefixLen: found?.six?.prefix ?? 0,
    DNSNames: network === "bridge" ? null : [...aliases, shortId(id)],
  };
}

/** `{"80/tcp": [{HostIp, HostPort}], "443/tcp": null}` */
function portMap(ports: readonly Published[], expose: readonly string[]) {
  const bindings: Record<string, object[] | null> = Object.fromEntries(expose.map((port) => [port, null]));
  for (const port of ports) bindings[nameOf(port)] = [...(bindings[nameOf(port)] ?? []), bindingOf(port)];
  return bindings;
}

/** What was asked for: HostConfig.PortBindings. */
export function portBindings({ ports }: RunOptions) {
  const bindings: Record<string, object[]> = {};
  for (const port of ports) bindings[nameOf(port)] = [...(bindings[nameOf(port)] ?? []), bindingOf(port)];
  return bindings;
}

function bindingOf({ hostAddress, hostPort }: PortWish) {
  return { HostIp: hostAddress, HostPort: hostPort === 0 ? "" : String(hostPort) };
}

function nameOf({ port, protocol }: PortWish): string {
  return `${port}/${protocol}`;
}

/** `0.0.0.0:8080-8081->80-81/tcp, 443/tcp`: neighbours in one. */
export function portsText({ record, state }: Container): string {
  if (!isAlive(state.process)) return "";
  const ports = [...(state.ports ?? [])].sort((a, b) => a.port - b.port || a.hostPort - b.hostPort);
  const open = record.options.expose.filter((name) => !ports.some((port) => nameOf(port) === name));
  return [...runsOf(ports).map(runText), ...open].join(", ");
}

/** Ports that follow each other on both sides. */
function runsOf(ports: Published[]): Published[][] {
  const runs: Published[][] = [];
  for (const port of ports) {
    const run = runs.find((each) => isNext(each.at(-1)!, port));
    if (run) run.push(port);
    else runs.push([port]);
  }
  return runs;
}

function isNext(last: Published, port: Published): boolean {
  const isSameWay = last.protocol === port.protocol && last.hostAddress === port.hostAddress;
  return isSameWay && port.port === last.port + 1 && port.hostPort === last.hostPort + 1;
}

function runText(run: Published[]): string {
  const [first, last] = [run[0]!, run.at(-1)!];
  const range = (from: number, to: number) => (from === to ? `${from}` : `${from}-${to}`);
  const { hostAddress, protocol } = first;
  return `${withBrackets(hostAddress)}:${range(first.hostPort, last.hostPort)}->${range(first.port, last.port)}/${protocol}`;
}

/** `80/tcp -> 0.0.0.0:8080`, a line each. */
export function portLines({ state }: Container): string[] {
  return (state.ports ?? []).map((port) => `${nameOf(port)} -> ${withBrackets(port.hostAddress)}:${port.hostPort}`);
}

/** Where on the host this port of the container is. */
export function hostPortsOf({ state }: Container, name: string): string[] {
  const wanted = name.includes("/") ? name : `${name}/tcp`;
  const found = (state.ports ?? []).filter((port) => nameOf(port) === wanted);
  return found.map(({ hostAddress, hostPort }) => `${withBrackets(hostAddress)}:${hostPort}`);
}
