// A registry of a temporary store, and a client that sends what it is told to, right or wrong.

import { once } from "node:events";
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { onTestFinished, vi } from "vitest";
import { type ServeOptions, serveRegistry } from "../../src/11-registry/server/serve.ts";
import type { ToldRequest } from "../../src/11-registry/server/told.ts";
import { temporaryFolder } from "../06-images/archives.ts";

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  /** The first error's code, where there is one. */
  code: string | undefined;
  json(): unknown;
}

export interface Sent {
  headers?: Record<string, string>;
  body?: Buffer | string | Readable;
}

export interface Served {
  root: string;
  url: string;
  told: ToldRequest[];
  failures: unknown[];
  /** `ask("GET", "/v2/")`; the path goes out as it is. */
  ask(method: string, path: string, sent?: Sent): Promise<Answer>;
  close(): Promise<void>;
}

export async function served(options: Partial<ServeOptions> = {}, root = temporaryFolder()): Promise<Served> {
  const [told, failures]: [ToldRequest[], unknown[]] = [[], []];
  const onRequest = (one: ToldRequest) => told.push(one);
  const onFailure = (error: unknown) => failures.push(error);
  const { url, close } = await serveRegistry(root, { host: "127.0.0.1", port: 0, onRequest, onFailure, ...options });
  const agent = new Agent({ keepAlive: true });
  onTestFinished(async () => {
    agent.destroy();
    await close();
  });
  return { root, url, told, failures, ask: (method, path, sent) => ask({ agent, url, method, path }, sent), close };
}

interface Request {
  agent: Agent;
  url: string;
  method: string;
  path: string;
}

async function ask({ agent, url, method, path }: Request, { headers = {}, body }: Sent = {}): Promise<Answer> {
  const sending = request(url, { agent, method, path, headers });
  if (body === undefined || typeof body === "string" || Buffer.isBuffer(body)) sending.end(body);
  else body.pipe(sending);
  const [answer] = (await once(sending, "response")) as [IncomingMessage];
  const bytes = await buffer(answer);
  const json = () => JSON.parse(String(bytes));
  return { status: answer.statusCode!, headers: answer.headers, bytes, code: codeIn(bytes), json };
}

function codeIn(bytes: Buffer): string | undefined {
  try {
    return (JSON.parse(String(bytes)) as { errors?: { code: string }[] }).errors?.[0]?.code;
  } catch {
    return undefined;
  }
}

/** Waits until it is so; a loaded machine is slow, not wrong. */
export async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitUntil(isSo, { timeout: 30_000, interval: 10 });
}
