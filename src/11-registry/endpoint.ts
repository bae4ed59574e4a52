// Where a registry is. A name's first part says so, but for Docker Hub, which has one name for people and another for
// programs. What is spoken is HTTPS; plain HTTP only with this very machine, or where the settings allow it, and also
// there only if HTTPS is not understood.

import { isLoopback, isWithin } from "./addresses.ts";
import type { Settings } from "./settings.ts";

export interface Endpoint {
  /** `registry-1.docker.io`, `localhost:5000` */
  host: string;
  /** The name under which credentials are kept for it. */
  account: string;
  /** In this order. */
  schemes: ("https" | "http")[];
}

export const HUB = "docker.io";
const HUB_HOST = "registry-1.docker.io";
/** What Docker has called it since 2013; every config.json has it. */
export const HUB_ACCOUNT = "https://index.docker.io/v1/";

/** The registry that a reference's `domain` stands for. */
export function endpointOf(domain: string, settings: Settings): Endpoint {
  const host = domain === HUB ? HUB_HOST : domain;
  const schemes: Endpoint["schemes"] = isInsecureHost(host, settings) ? ["https", "http"] : ["https"];
  return { host, account: accountOf(domain), schemes };
}

/** Those to ask for an image of `domain`, in this order: mirrors first, then the registry itself. */
export function pullEndpoints(domain: string, settings: Settings): Endpoint[] {
  const mirrors = Object.hasOwn(settings.mirrors, domain) ? settings.mirrors[domain]! : [];
  return [...mirrors.map(mirrorEndpoint), endpointOf(domain, settings)];
}

/** `https://index.docker.io/v1/` for Docker Hub, whatever it is called; any other registry's own name. */
export function accountOf(domain: string): string {
  return [HUB, "index.docker.io", HUB_HOST].includes(domain) ? HUB_ACCOUNT : domain;
}

/** Who writes `http://` before a mirror's name means it. */
function mirrorEndpoint(mirror: string): Endpoint {
  const { protocol, host } = new URL(mirror);
  return { host, account: accountOf(host), schemes: [protocol === "http:" ? "http" : "https"] };
}

/** May it go without TLS, or without a certificate that somebody vouches for? `host` may have a port. */
export function isInsecureHost(host: string, { insecure }: Settings): boolean {
  const { hostname } = new URL(`https://${host}`);
  const address = hostname.replace(/^\[|\]$/g, "");
  const named = [host, hostname];
  return isLoopback(address) || insecure.some((one) => named.includes(one) || isWithin(address, one));
}
