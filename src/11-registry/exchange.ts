// One HTTP request and its answer, over node:http or node:https. Everything that makes it a registry's protocol, who we
// are, where we are sent on to, what is tried again, lies above (registry.ts).
//
// Where the environment names a proxy (proxies.ts) it is asked to connect us, for HTTPS: what goes over that connection is
// between us and the registry. For plain HTTP it gets the request itself, with the whole address (RFC 9112, section 3.2.2).
//
// A peer that says nothing for a while, or nearly nothing, is taken for dead: many connections die without a word.

import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { finished } from "node:stream/promises";
import { createSecureContext, type SecureContext } from "node:tls";
import { UserError } from "../01-syscalls/index.ts";
import type { Trust } from "./certificates.ts";
import { proxyAuthorization, proxyFor } from "./proxies.ts";
import { Unreachable } from "./unreachable.ts";

export interface Outgoing {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body?: Body;
}

/** What is sent; `pieces` is called again when it has to be sent again. Each piece is good until the next. */
export interface Body {
  length: number;
  pieces(): Iterable<Buffer>;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Where it came from. */
  url: URL;
  body: AsyncIterable<Buffer>;
  /** Lets go of what nobody reads. Where that is little, the connection is free for the next request then. */
  discard(): Promise<void>;
}

interface SecureOptions {
  rejectUnauthorized: boolean;
  secureContext?: SecureContext;
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
  /** What TLS needs to know, by host. */
  private readonly secured = new Map<string, SecureOptions>();
  /** To proxies, by their addresses. */
  private readonly tunnels = new Map<string, HttpAgent>();

  constructor(trustOf: (host: string) => Trust, stallMs = STALL_MS) {
    this.trustOf = trustOf;
    this.stallMs = stallMs;
    this.agents = { http: new HttpAgent(AGENT), https: new HttpsAgent(AGENT) };
  }

  /** The answer's beginning; its body is still to be read, or discarded. Throws Unreachable. */
  async send(outgoing: Outgoing, signal?: AbortSignal): Promise<Answer> {
    const { url, body } = outgoing;
    const proxy = proxyFor(url);
    const tunnel = proxy && url.protocol === "https:" ? await this.tunnelThrough(proxy) : undefined;
    const sending = proxy && !tunnel ? this.askProxy(proxy, outgoing, signal) : this.ask(outgoing, signal, tunnel);
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(failure(outgoing, error, signal, proxy));
      sending.once("proxyConnect", (answered) => refuseUnlessConnected(answered, { proxy, url }, fail));
      sending.once("socket", (socket) => watch(socket, this.stallMs, sending));
      sending.once("response", (response) => resolve(answer(outgoing, sending, response, signal)));
      // An error after the answer has begun comes out where the answer is read.
      sending.on("error", fail);
      sendPieces(sending, body?.pieces() ?? []).catch(fail);
    });
  }

  close(): void {
    for (const agent of [...Object.values(this.agents), ...this.tunnels.values()]) agent.destroy();
  }

  private ask(
    { method, url, headers, body }: Outgoing,
    signal: AbortSignal | undefined,
    tunnel: HttpAgent | undefined,
  ) {
    const options = { method, headers: withLength(headers, body), ...(signal && { signal }) };
    if (url.protocol === "http:") return httpRequest(url, { ...options, agent: this.agents.http });
    return httpsRequest(url, { ...options, ...this.secure(url.host), agent: tunnel ?? this.agents.https });
  }

  /** Many authorities take a while to be read, and one host is asked many times. */
  private secure(host: string): SecureOptions {
    const known = this.secured.get(host);
    if (known) return known;
    const { rejectUnauthorized, ...trust } = this.trustOf(host);
    const isUsual = Object.keys(trust).length === 0;
    const made = { rejectUnauthorized, ...(!isUsual && { secureContext: createSecureContext(trust) }) };
    this.secured.set(host, made);
    return made;
  }

  private askProxy(proxy: URL, { method, url, headers, body }: Outgoing, signal: AbortSignal | undefined) {
    const authorization = proxyAuthorization(proxy);
    const own = { Host: url.host, ...(authorization !== undefined && { "Proxy-Authorization": authorization }) };
    const options = {
      method,
      path: `${url.origin}${url.pathname}${url.search}`,
      headers: { ...withLength(headers, body), ...own },
      ...(signal && { signal }),
    };
    return proxy.protocol === "https:"
      ? httpsRequest(proxy, { ...options, agent: this.agents.https })
      : httpRequest(proxy, { ...options, agent: this.agents.http });
  }

  /** Loaded only where there is a proxy. */
  private async tunnelThrough(proxy: URL): Promise<HttpAgent> {
    const { HttpsProxyAgent } = await import("https-proxy-agent");
    const tunnel = this.tunnels.get(proxy.href) ?? new HttpsProxyAgent(proxy, { keepAlive: true });
    this.tunnels.set(proxy.href, tunnel);
    return tunnel;
  }
}

/** The kernel has one before the next is asked for, since that may lie in the same memory. */
async function sendPieces(sending: ClientRequest, pieces: Iterable<Buffer>): Promise<void> {
  for (const piece of pieces)
    await new Promise<void>((resolve, reject) => {
      sending.write(piece, (error) => (error ? reject(error) : resolve()));
    });
  sending.end();
}

interface ProxyAnswer {
  statusCode: number;
  statusText: string;
}

/** What it says instead is no word of the registry's. */
function refuseUnlessConnected(
  { statusCode, statusText }: ProxyAnswer,
  { proxy, url }: { proxy: URL | undefined; url: URL },
  fail: (error: Error) => void,
): void {
  if (statusCode === 200) return;
  fail(new UserError(`the proxy ${proxy?.host} does not connect us to ${url.host}: ${statusCode} ${statusText}`));
}

function withLength(headers: Outgoing["headers"], body: Body | undefined): Outgoing["headers"] {
  return body ? { ...headers, "Content-Length": String(body.length) } : headers;
}

function answer(
  outgoing: Outgoing,
  sending: ClientRequest,
  response: IncomingMessage,
  signal: AbortSignal | undefined,
): Answer {
  // Who reads hears of it; an answer that nobody has begun to read, or that was let go of, needn't be complete.
  response.on("error", () => {});
  return {
    status: response.statusCode!,
    headers: response.headers,
    url: outgoing.url,
    body: piecesOf(outgoing, response, signal),
    discard: () => letGo(sending, response),
  };
}

async function letGo(sending: ClientRequest, response: IncomingMessage): Promise<void> {
  if (isNearlyOver(sending, response)) response.resume();
  else response.destroy();
  await finished(response).catch(() => {});
}

/** Less than a new connection costs. */
const LITTLE = 16 << 10;

/** All has been sent, and next to nothing is to come: of what is only asked about, no content does (HEAD). */
function isNearlyOver({ method, writableFinished }: ClientRequest, { headers, statusCode }: IncomingMessage): boolean {
  const hasNoContent = method === "HEAD" || statusCode === 204;
  const coming = hasNoContent ? 0 : Number(headers["content-length"] ?? Number.POSITIVE_INFINITY);
  return writableFinished && coming <= LITTLE;
}

async function* piecesOf(outgoing: Outgoing, response: IncomingMessage, signal: AbortSignal | undefined) {
  try {
    for await (const piece of response) yield piece as Buffer;
  } catch (error) {
    throw failure(outgoing, error as Error, signal);
  }
}

/** Whoever gave up wants to hear that, and not how the connection took it. */
function failure({ method, url }: Outgoing, error: Error, signal: AbortSignal | undefined, proxy?: URL): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof UserError) return error;
  const verb = method.charAt(0) + method.slice(1).toLowerCase();
  const way = proxy === undefined ? "" : ` by the proxy ${proxy.host}`;
  return new Unreachable(`${verb} "${url.origin}${url.pathname}"${way}`, error);
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
