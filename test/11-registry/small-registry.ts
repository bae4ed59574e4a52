// A registry of a few lines, over an image layout that a test has made: it answers as the specification says, unless the
// test says otherwise for some request. A real server on a real socket, since connections are what breaks.

import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Layout } from "../06-images/archives.ts";

/** Answers in place of the registry, or returns false to let it answer. */
export type Instead = (request: IncomingMessage, response: ServerResponse, content: Content | undefined) => unknown;

/** What it would answer with. */
export interface Content {
  type: string;
  bytes: Buffer;
}

export interface SmallRegistry {
  host: string;
  /** `GET /v2/app/blobs/sha256:…`, with `bytes=5-` behind it where a range was asked for. */
  asked: string[];
  /** Authorization of each request, in the same order. */
  authorizations: (string | undefined)[];
  /** Of those whose address fits; the latest rule first. */
  instead(path: RegExp, answer: Instead): void;
  /** Tags and digests with something else behind them than the layout has. */
  manifests: Record<string, Content>;
}

/** Serves `layout` as `app:latest`, until the test ends. */
export async function serve(layout: Layout): Promise<SmallRegistry> {
  const rules: [RegExp, Instead][] = [];
  const registry: SmallRegistry = {
    host: "",
    asked: [],
    authorizations: [],
    instead: (path, answer) => void rules.unshift([path, answer]),
    manifests: { latest: manifestIn(layout, layout.manifest) },
  };
  const server = createServer(async (request, response) => {
    const { method, url = "", headers } = request;
    registry.asked.push([method, url, headers.range].filter(Boolean).join(" "));
    registry.authorizations.push(headers.authorization);
    const content = contentOf(layout, registry, url);
    for (const [path, instead] of rules) {
      if (!path.test(url)) continue;
      if ((await instead(request, response, content)) !== false || response.headersSent) return;
    }
    answer(request, response, content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  registry.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return registry;
}

function contentOf(layout: Layout, { manifests }: SmallRegistry, url: string): Content | undefined {
  const [, kind, reference = ""] = /^\/v2\/app\/(manifests|blobs)\/([^?]+)/.exec(url) ?? [];
  if (url === "/v2/") return { type: "application/json", bytes: Buffer.from("{}") };
  if (kind === "manifests") return manifests[reference] ?? orUndefined(() => manifestIn(layout, reference));
  if (kind !== "blobs") return undefined;
  return orUndefined(() => ({ type: "application/octet-stream", bytes: blobIn(layout, reference) }));
}

function answer({ headers }: IncomingMessage, response: ServerResponse, content: Content | undefined): void {
  if (!content) return void refuse(response, 404, "MANIFEST_UNKNOWN", "manifest unknown");
  const { type, bytes } = content;
  const [, first] = /^bytes=(\d+)-$/.exec(headers.range ?? "") ?? [];
  const rest = bytes.subarray(Number(first ?? 0));
  const range = first === undefined ? {} : { "Content-Range": `bytes ${first}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(first === undefined ? 200 : 206, {
    "Content-Type": type,
    "Content-Length": rest.length,
    ...range,
  });
  response.end(rest);
}

export function refuse(response: ServerResponse, status: number, code: string, message: string, headers = {}): void {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify({ errors: [{ code, message }] }));
}

export function blobIn({ directory }: Layout, digest: string): Buffer {
  return readFileSync(join(directory, "blobs", digest.replace(":", "/")));
}

function manifestIn(layout: Layout, digest: string): Content {
  const bytes = blobIn(layout, digest);
  return { type: JSON.parse(bytes.toString()).mediaType, bytes };
}

function orUndefined<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
