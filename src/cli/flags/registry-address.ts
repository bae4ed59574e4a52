// Where a registry listens, and what that means: on this machine's own address nobody else reaches it.

import { UserError } from "../../01-syscalls/index.ts";
import type { ServeOptions } from "../../11-registry/server/serve.ts";

/** `127.0.0.1:5000`, `[::1]:5000`, or `:5000` for all addresses: no host then. Throws UserError. */
export function addressOf(addr: string): { host: string; port: number } {
  const [, bracketed, plain, port = ""] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(addr) ?? [];
  if (port !== "" && Number(port) <= 65535) return { host: bracketed ?? plain ?? "", port: Number(port) };
  throw new UserError(`invalid value "${addr}" for --addr: it is HOST:PORT, such as 127.0.0.1:5000`);
}

/** What others on the network can do, and how they can't. */
export function warningsOf(options: ServeOptions, url: string): string[] {
  const { host, readOnly, htpasswd, tls } = options;
  if (/^(127\.|::1$|localhost$)/.test(host)) return [];
  const may = readOnly ? "pull every image" : "pull, push and delete every image";
  if (htpasswd === undefined) return [`everybody who can reach ${url} may ${may}; --htpasswd FILE asks who they are`];
  if (tls) return [];
  return [`passwords and images go over the network for all to read; --tls-cert FILE --tls-key FILE encrypts them`];
}
