// The registry as a server: it listens, answers one request after the other, tells each to whoever looks on, and ends.
// HTTP itself is Node's.

import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { UserError } from "../../01-syscalls/index.ts";
import { answer } from "./answer.ts";
import { Users } from "./htpasswd.ts";
import { Registry, type RegistryOptions } from "./registry.ts";
import { type ToldRequest, tellWhenOver } from "./told.ts";

export interface ServeOptions extends RegistryOptions {
  /** Empty for all addresses there are. */
  host: string;
  /** 0 for one that is free. */
  port: number;
  /** In PEM; without, nothing is encrypted. */
  tls?: { cert: Buffer; key: Buffer };
  /** A file of htpasswd's; without, nobody is asked who they are. */
  htpasswd?: string;
  /** Called once for each request, when it is over. */
  onRequest?: (told: ToldRequest) => void;
}

export interface Serving {
  /** `http://127.0.0.1:5000` */
  url: string;
  close(): Promise<void>;
}

/** How long nothing may come or go. */
const STALL_MS = 300_000;
const HEADERS_MS = 30_000;
/** How long a client may think before its next request. */
const KEEP_ALIVE_MS = 60_000;

/** Serves the store at `root` until it is closed. Throws UserError where nobody can listen, or a file is of no use. */
export async function serveRegistry(root: string, options: ServeOptions): Promise<Serving> {
  const users = options.htpasswd === undefined ? undefined : new Users(options.htpasswd);
  const registry = new Registry(root, options);
  const server = serverFor(options, (request, response) => {
    if (options.onRequest) tellWhenOver(request, response, options.onRequest);
    answer({ registry, users }, request, response).catch((error: unknown) => options.onFailure?.(error));
  });
  const { address, port, family } = await listen(server, options);
  // What one that was killed has left.
  if (!registry.readOnly) registry.hold.leaveGarbage();
  return {
    url: `${options.tls ? "https" : "http"}://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    close: async () => {
      await end(server);
      registry.close();
    },
  };
}

function serverFor({ tls }: ServeOptions, listener: RequestListener): Server {
  // An upload may take hours; what counts is that something comes.
  const times = { requestTimeout: 0, headersTimeout: HEADERS_MS, keepAliveTimeout: KEEP_ALIVE_MS };
  const server = tls ? secureServer({ ...tls, ...times }, listener) : createServer(times, listener);
  return server.setTimeout(STALL_MS);
}

function secureServer(options: ServerOptions, listener: RequestListener): Server {
  try {
    return createSecureServer(options, listener);
  } catch (cause) {
    throw new UserError(`cannot use the certificate and its key: ${(cause as Error).message}`, { cause });
  }
}

function listen(server: Server, { host, port }: ServeOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.on("error", ({ code, message }: NodeJS.ErrnoException) => {
      const reason = code === "EADDRINUSE" ? "bind: address already in use" : message;
      reject(new UserError(`listen tcp ${host}:${port}: ${reason}`));
    });
    server.listen({ port, ...(host !== "" && { host }) }, () => resolve(server.address() as AddressInfo));
  });
}

function end(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
