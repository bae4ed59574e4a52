// `-p`, `--expose` and `--network` as they are typed: Docker's grammar, and its refusals (docker/go-connections: nat/parse.go).

import { UserError } from "../../01-syscalls/index.ts";
import { type PortWish, type Protocol, parseAddress, parseMac } from "../../08-network/index.ts";
import type { EndpointWish } from "../../10-containers/spec/options.ts";

/** `[address:][host[-end]:]container[-end][/protocol]`: a range is as many ports. */
export function publish(text: string): PortWish[] {
  const [spec = "", protocol = "tcp"] = text.split("/", 2);
  const parts = spec.split(":");
  const [container = "", host = ""] = [parts.pop(), parts.pop()];
  if (container === "") throw new UserError(`no port specified: ${text}<empty>`);
  const hostAddress = hostAddressOf(parts.join(":"));
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
  if (text.startsWith("[")) throw new UserError(`invalid IP address: ${text}: ports are published on IPv4 alone`);
  if (parseAddress(text) === undefined) throw new UserError(`invalid IP address: ${text}`);
  return text;
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

/** A name, or `name=web,alias=db,ip=172.20.0.9,mac-address=…`. */
export function endpoint(text: string): EndpointWish {
  const wish: EndpointWish = { network: "", aliases: [] };
  if (!text.includes("=")) return { ...wish, network: text };
  for (const part of text.split(",")) {
    const [key = "", value = ""] = part.split("=", 2);
    if (key === "name") wish.network = value;
    else if (key === "alias") wish.aliases.push(value);
    else if (key === "ip") wish.address = ipv4(value);
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

export function macAddress(text: string): string {
  parseMac(text);
  return text.toLowerCase();
}
