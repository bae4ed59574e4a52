// One HTTP request and its answer, over node:http or node:https. Everything that makes it a registry's protocol, who we
// are, where we are sent on to, what is tried again, lies above (registry.ts).
//
// A peer that says nothing for a while, or nearly nothing, is taken for dead: many connections die without a word.

import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { pipeline, Readable } from "node:stream";
import type { Trust } from "./certificates.ts";
import { Unreachable } from "./unreachable.ts";

export interface Outgoing {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body?: Body;
}

/** What is sent; `pieces` is called again when it has to be sent again. */
export interface Body {
  length: number;
  pieces(): AsyncIterable<Buffer> | Iterable<Buffer>;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Where it came from. */
  url: URL;
  body: AsyncIterable<Buffer>;
  /** Lets go of what nobody reads. */
  discard(): void;
}

/** How long nothing may come, in milliseconds. */
export const STALL_MS = 30_000;
/** And less than that many bytes a second are nothing. */
const SLOWEST = 100;

/** Of several addresses the next one is tried after a while. Node's quarter of a second is too short for a slow network. */
const AGENT = { keepAlive: true, autoSelectFamilyAttemptTimeout: 2000 };

/** Connections to registries; they stay open for the next request. Close it. */
export class Connections {
  private readonly trustOf: (host: string) => Trust;
  private readonly stallMs: number;
  private readonly agents: { http: HttpAgent; https: HttpsAgent };

  constructor(trustOf: (host: string) => Trust, stallMs = STALL_MS) {
    this.trustOf = trustOf;
    this.stallMs = stallMs;
    this.agents = { http: new HttpAgent(AGENT), https: new HttpsAgent(AGENT) };
  }

  /** The answer's beginning; its body is still to be read, or discarded. Throws Unreachable. */
  send(outgoing: Outgoing, signal?: AbortSignal): Promise<Answer> {
    const { method, url, headers, body } = outgoing;
    const isTls = url.protocol === "https:";
    const options = { method, headers: withLength(headers, body), ...(signal && { signal }) };
    const sending = isTls
      ? httpsRequest(url, { ...options, ...this.trustOf(url.host), agent: this.agents.https })
      : httpRequest(url, { ...options, agent: this.agents.http });
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(failure(outgoing, error, signal));
      sending.once("socket", (socket) => watch(socket, this.stallMs, sending));
      sending.once("response", (response) => resolve(answer(outgoing, response, signal)));
      // An error after the answer has begun comes out where the answer is read.
      sending.on("error", fail);
      if (body) pipeline(Readable.from(body.pieces()), sending, (error) => error && fail(error));
      else sending.end();
    });
  }

  close(): void {
    for (const agent of Object.values(this.agents)) agent.destroy();
  }
}

function withLength(headers: Outgoing["headers"], body: Body | undefined): Outgoing["headers"] {
  return body ? { ...headers, "Content-Length": String(body.length) } : headers;
}

function answer(outgoing: Outgoing, response: IncomingMessage, signal: AbortSignal | undefined): Answer {
  // Who reads hears of it; an answer that nobody has begun to read, or that was let go of, needn't be complete.
  response.on("error", () => {});
  return {
    status: response.statusCode!,
    headers: response.headers,
    url: outgoing.url,
    body: piecesOf(outgoing, response, signal),
    discard: () => void response.destroy(),
  };
}

async function* piecesOf(outgoing: Outgoing, response: IncomingMessage, signal: AbortSignal | undefined) {
  try {
    for await (const piece of response) yield piece as Buffer;
  } catch (error) {
    throw failure(outgoing, error as Error, signal);
  }
}

/** Whoever gave up wants to hear that, and not how the connection took it. */
function failure({ method, url }: Outgoing, error: Error, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  const verb = method.charAt(0) + method.slice(1).toLowerCase();
  return new Unreachable(`${verb} "${url.origin}${url.pathname}"`, error);
}

/** Looks once in a while whether anything has gone over the connection since. */
function watch(socket: Socket, stallMs: number, request: ReturnType<typeof httpRequest>): void {
  let before = moved(socket);
  let isAnswered = false;
  const timer = setInterval(() => {
    const now = moved(socket);
    const least = isAnswered ? (SLOWEST * stallMs) / 1000 : 1;
    if (now - before < least) request.destroy(Object.assign(new Error("stalled"), { code: "ETIMEDOUT" }));
    before = now;
  }, stallMs);
  request.once("response", (response) => {
    isAnswered = true;
    response.once("close", () => clearInterval(timer));
  });
  request.once("close", () => clearInterval(timer));
}

function moved({ bytesRead, bytesWritten }: Socket): number {
  return bytesRead + bytesWritten;
}
