// One request: who asks is looked at, then what for, and whatever comes of it becomes an answer.

import type { IncomingMessage, ServerResponse } from "node:http";
import { Refusal, refusalReply } from "./errors.ts";
import { type Reply, send } from "./exchange.ts";
import type { Users } from "./htpasswd.ts";
import type { Registry } from "./registry.ts";
import { routeOf } from "./routes.ts";

export interface Served {
  registry: Registry;
  users: Users | undefined;
}

/** Answers. Throws what is a failure of ours, when the client was told that there is one. */
export async function answer(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader("Docker-Distribution-Api-Version", "registry/2.0");
  try {
    await send(response, await replyTo(served, request));
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

async function replyTo({ registry, users }: Served, request: IncomingMessage): Promise<Reply> {
  const { method = "", url = "", headers } = request;
  if (users && (await users.userOf(headers.authorization)) === undefined) throw unauthorized();
  const [path = "", query] = url.split("?", 2);
  const { operation, parts } = routeOf(method, path);
  const changes = method !== "GET" && method !== "HEAD";
  if (changes && registry.readOnly) throw readOnly();
  if (changes && headers.origin !== undefined) throw notForPages();
  return operation(registry, { method, ...parts, query: new URLSearchParams(query), headers, body: request });
}

function unauthorized(): Refusal {
  const headers = { "WWW-Authenticate": 'Basic realm="mini-docker registry"' };
  return new Refusal("UNAUTHORIZED", "a name and a password are needed here", { headers });
}

/** Browsers say which page makes them ask. A page has no business here, but it could reach what only this machine can. */
function notForPages(): Refusal {
  return new Refusal("DENIED", "this is not for web pages");
}

function readOnly(): Refusal {
  return new Refusal("DENIED", "this registry takes nothing in, and removes nothing", { status: 405 });
}
