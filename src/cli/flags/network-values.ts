// `-p`, `--expose` and `--network` as they are typed: Docker's grammar, and its refusals (docker/go-connections: nat/parse.go).

import { UserError } from "../../01-syscalls/index.ts";
import {
  formatAddress6,
  type PortWish,
  type Protocol,
  parseAddress,
  parseAddress6,
  parseMac,
  parseTunnel,
} from "../../08-network/index.ts";
import type { EndpointWish } from "../../10-containers/spec/options.ts";

/** `[address:][host[-end]:]container[-end][/protocol]`: a range is as many ports. */
export function publish(text: string): PortWish[] {
  const [spec = "", protocol = "tcp"] = text.split("/", 2);
  const [, six, rest = spec] = /^\[([^\]]*)\]:(.*)$/.exec(spec) ?? [];
  const parts = rest.split(":");
  const [container = "", host = ""] = [parts.pop(), parts.pop()];
  if (container === "") throw new UserError(`no port specified: ${text}<empty>`);
  const hostAddress = six === undefined ? hostAddressOf(parts.join(":")) : hostAddress6Of(six);
  const inside = portRange(container, "containerPort");
  const outside = host === "" ? undefined : portRange(host, "hostPort");
  const about = { protocol: protocolOf(protocol), hostAddress };
  if (outside && inside.length === 1 && outside.length > 1) {
    return [{ ...about, hostPort: 0, among: [outside[0]!, outside.at(-1)!], port: inside[0]! }];
  }
  if (outside && outside.length !== inside.length) {
    throw new UserError(`invalid ranges specified for container and host Ports: ${container} and ${host}`);
  }
  return inside.map((port, index) => ({ ...about, hostPort: outside?.[index] ?? 0, port }));
}

function hostAddressOf(text: string): string {
  if (text === "") return "0.0.0.0";
  if (parseAddress(text) === undefined) throw new UserError(`invalid IP address: ${text}`);
  return text;
}

const LOOPBACK6 = parseAddress6("::1")!;

function hostAddress6Of(text: string): string {
  const address = parseAddress6(text);
  if (address === undefined) throw new UserError(`invalid IP address: ${text}`);
  if (address.equals(LOOPBACK6)) throw new UserError("invalid IP address: ::1: nothing is sent on from there");
  return formatAddress6(address);
}

function protocolOf(text: string): Protocol {
  const protocol = text.toLowerCase();
  if (protocol === "tcp" || protocol === "udp") return protocol;
  throw new UserError(`invalid proto: ${text}`);
}

function portRange(text: string, what: string): number[] {
  const [, first = "", last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === "" || from > 65_535 || to > 65_535 || from > to) throw new UserError(`invalid ${what}: ${text}`);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** `80`, `80/udp`, `80-90` → `80/tcp`, … */
export function expose(text: string): string[] {
  const [range = "", protocol = "tcp"] = text.split("/", 2);
  const isPort = /^\d+(-\d+)?$/.test(range);
  if (!isPort) throw new UserError(`invalid range format for --expose: ${text}`);
  return portRange(range, "range format for --expose").map((port) => `${port}/${protocolOf(protocol)}`);
}

/** A name, or `name=web,alias=db,ip=172.20.0.9,ip6=…,mac-address=…`. */
export function endpoint(text: string): EndpointWish {
  const wish: EndpointWish = { network: "", aliases: [] };
  if (!text.includes("=") || parseTunnel(text)) return { ...wish, network: text };
  for (const part of text.split(",")) {
    const [key = "", value = ""] = part.split("=", 2);
    if (key === "name") wish.network = value;
    else if (key === "alias") wish.aliases.push(value);
    else if (key === "ip") wish.address = ipv4(value);
    else if (key === "ip6") wish.address6 = ipv6(value);
    else if (key === "mac-address") wish.mac = macAddress(value);
    else throw new UserError(`invalid field ${key} for network ${text}`);
  }
  if (wish.network === "") throw new UserError("network name/id is not specified");
  return wish;
}

export function ipv4(text: string): string {
  if (parseAddress(text) === undefined) throw new UserError(`invalid IPv4 address: ${text}`);
  return text;
}

export function ipv6(text: string): string {
  if (parseAddress6(text) === undefined) throw new UserError(`invalid IPv6 address: ${text}`);
  return text;
}

export function macAddress(text: string): string {
  parseMac(text);
  return text.toLowerCase();
}
