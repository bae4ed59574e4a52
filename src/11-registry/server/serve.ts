// The registry as a server: it listens, answers one request after the other, tells each to whoever looks on, and ends.
// HTTP itself is Node's.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { UserError } from "../../01-syscalls/index.ts";
import { Refusal, refusalReply } from "./errors.ts";
import { type Reply, send } from "./exchange.ts";
import { Registry, type RegistryOptions } from "./registry.ts";
import { routeOf } from "./routes.ts";

export interface ServeOptions extends RegistryOptions {
  host: string;
  /** 0 for one that is free. */
  port: number;
  /** Called once for each request, when it is over. */
  onRequest?: (told: ToldRequest) => void;
}

/** What became of a request. */
export interface ToldRequest {
  method: string;
  url: string;
  /** Undefined if whoever asked went away before there was an answer. */
  status: number | undefined;
  receivedBytes: number;
  sentBytes: number;
  client: string;
}

export interface Serving {
  /** `http://127.0.0.1:5000` */
  url: string;
  close(): Promise<void>;
}

/** Serves the store at `root` until it is closed. Throws UserError where nobody can listen. */
export async function serveRegistry(root: string, options: ServeOptions): Promise<Serving> {
  const registry = new Registry(root, options);
  const server = createServer((request, response) => {
    if (options.onRequest) tellWhenOver(request, response, options.onRequest);
    answer(registry, request, response).catch((error: unknown) => options.onFailure?.(error));
  });
  const { address, port, family } = await listen(server, options);
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    close: async () => {
      await end(server);
      registry.close();
    },
  };
}

/** Throws what is a failure of ours, when the client was told that there is one. */
async function answer(registry: Registry, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader("Docker-Distribution-Api-Version", "registry/2.0");
  try {
    await send(response, await replyTo(registry, request));
  } catch (error) {
    // Where part of the answer is sent already, all that can be said is that there won't be more.
    if (response.headersSent || response.destroyed) response.destroy();
    else await send(response, refusalReply(error));
    // What nobody read of the request is in front of the next one.
    request.resume();
    if (isFailure(error, request)) throw error;
  }
}

/** That somebody goes away in the middle is none. */
function isFailure(error: unknown, { socket }: IncomingMessage): boolean {
  return !(error instanceof Refusal) && !socket.destroyed;
}

function replyTo(registry: Registry, request: IncomingMessage): Reply | Promise<Reply> {
  const { method = "", url = "", headers } = request;
  const [path = "", query] = url.split("?", 2);
  const { operation, parts } = routeOf(method, path);
  if (registry.readOnly && method !== "GET" && method !== "HEAD") throw readOnly();
  return operation(registry, { method, ...parts, query: new URLSearchParams(query), headers, body: request });
}

function readOnly(): Refusal {
  return new Refusal("DENIED", "this registry takes nothing in, and removes nothing", { status: 405 });
}

function tellWhenOver(request: IncomingMessage, response: ServerResponse, tell: (told: ToldRequest) => void): void {
  const { method = "", url = "", socket } = request;
  const [readBefore, writtenBefore, client] = [socket.bytesRead, socket.bytesWritten, socket.remoteAddress ?? ""];
  response.once("close", () => {
    const status = response.headersSent ? response.statusCode : undefined;
    const receivedBytes = Number(request.headers["content-length"] ?? socket.bytesRead - readBefore);
    tell({ method, url, status, receivedBytes, sentBytes: socket.bytesWritten - writtenBefore, client });
  });
}

function listen(server: Server, { host, port }: ServeOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", ({ code, message }: NodeJS.ErrnoException) => {
      const reason = code === "EADDRINUSE" ? "bind: address already in use" : message;
      reject(new UserError(`listen tcp ${host}:${port}: ${reason}`));
    });
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}

function end(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
