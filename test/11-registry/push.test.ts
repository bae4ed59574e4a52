import { createHash } from "node:crypto";
import { appendFileSync, closeSync, openSync, truncateSync, writeSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  blobPath,
  changeIndex,
  loadArchive,
  MEDIA,
  nameEntry,
  openBlob,
  parseReference,
} from "../../src/06-images/index.ts";
import { endpointOf } from "../../src/11-registry/endpoint.ts";
import { pushImage } from "../../src/11-registry/index.ts";
import { Registry } from "../../src/11-registry/registry.ts";
import { sendBlob } from "../../src/11-registry/send-blob.ts";
import { sendChunks } from "../../src/11-registry/send-chunks.ts";
import { makeLayout, tarOf } from "../06-images/archives.ts";
import { needs } from "../support/needs.ts";
import { startRegistry } from "../support/registry.ts";
import { HASTE, puller } from "./pulling.ts";
import { refuse } from "./small-registry.ts";

/** What comes after `POST …/uploads/`; false lets the registry do what the specification says. */
type Instead = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Takes uploads, whole and in chunks, and forgets nothing. */
async function acceptor(instead: Instead = () => false) {
  const taken = {
    asked: [] as string[],
    connections: new Set(),
    blobs: new Map<string, Buffer>(),
    manifests: new Map<string, Buffer>(),
  };
  const uploads = new Map<string, Buffer>();
  const server = createServer(async (request, response) => {
    const { method, headers } = request;
    const url = new URL(request.url!, "http://x");
    taken.connections.add(request.socket);
    taken.asked.push(
      [method, url.pathname.replace(/[0-9a-f]{64}/, "…"), headers["content-range"]].filter(Boolean).join(" "),
    );
    if ((await instead(request, response)) !== false || response.headersSent) return;
    response.setHeader("Content-Length", "0");
    const id = url.pathname.split("/").at(-1)!;
    const pieces: Buffer[] = [];
    // A client that breaks off has sent what it has sent.
    await request
      .on("data", (piece) => pieces.push(piece))
      .toArray()
      .catch(() => {});
    const so = Buffer.concat([uploads.get(id) ?? Buffer.alloc(0), ...pieces]);
    if (method === "POST") {
      const upload = `u${uploads.size}`;
      uploads.set(upload, Buffer.alloc(0));
      response.writeHead(202, { Location: `/v2/app/blobs/uploads/${upload}?note=1` }).end();
    } else if (method === "PATCH" || (method === "GET" && uploads.has(id))) {
      uploads.set(id, so);
      const at = { Location: `${url.pathname}?note=${so.length}`, Range: `0-${so.length - 1}` };
      response.writeHead(method === "GET" ? 204 : 202, at).end();
    } else if (method === "PUT" && url.pathname.includes("/uploads/")) {
      const digest = url.searchParams.get("digest")!;
      const isRight =
        digest === `sha256:${createHash("sha256").update(so).digest("hex")}` && url.searchParams.has("note");
      if (isRight) taken.blobs.set(digest, so);
      if (isRight) response.writeHead(201).end();
      else refuse(response, 400, "DIGEST_INVALID", "it is another");
    } else if (method === "PUT") {
      taken.manifests.set(id, so);
      response.writeHead(201).end();
    } else {
      response.writeHead(url.pathname === "/v2/" || taken.blobs.has(id) ? 200 : 404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { ...taken, host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Larger than a chunk. */
const large = Buffer.alloc(20 << 20, "all work and no play");

async function pushTo(host: string, content = large, damage: (path: string) => void = () => {}) {
  const { root, told } = puller();
  const layout = makeLayout([tarOf([{ name: "large", content }])]);
  await loadArchive(root, layout.directory);
  changeIndex(root, (all) => nameEntry(all, all[0]!, `${host}/app:1`));
  damage(blobPath(root, layout.layers[0]!));
  const onLayer = (_: string, state: (typeof told)[number]) => void told.push(state);
  const pushed = pushImage({ root, state: root }, parseReference(`${host}/app:1`), {
    ...HASTE,
    stallMs: 3000,
    onLayer,
  });
  return { ...(await pushed), layout, told };
}

function flipByte(path: string): void {
  const fd = openSync(path, "r+");
  writeSync(fd, Buffer.from("!"), 0, 1, 5000);
  closeSync(fd);
}

const sent = (asked: string[]) => asked.filter((line) => line.startsWith("PATCH") || line.startsWith("PUT"));

describe("pushImage", () => {
  test("sends each blob in one piece, and the manifest when all are there", async () => {
    const registry = await acceptor();
    const { digest, layout, told } = await pushTo(registry.host);
    expect(sent(registry.asked)).toEqual([
      "PUT /v2/app/blobs/uploads/u0",
      "PUT /v2/app/blobs/uploads/u1",
      "PUT /v2/app/manifests/1",
    ]);
    expect([...registry.blobs.keys()].sort()).toEqual([layout.layers[0], layout.config].sort());
    expect(digest).toBe(layout.manifest);
    expect(told.at(-1)).toEqual({ is: "done" });
    expect(told).toContainEqual({ is: "moving", bytes: large.length + 2048 - 512, total: large.length + 2048 - 512 });
  });

  test("asks several times over one connection", async () => {
    const registry = await acceptor();
    await pushTo(registry.host);
    expect(registry.asked.length).toBe(8);
    // Two blobs at the same time.
    expect(registry.connections.size).toBe(2);
  });

  test("begins anew where the connection breaks", async () => {
    let times = 0;
    const registry = await acceptor((request) =>
      request.method === "PUT" && times++ < 2 ? request.once("data", () => request.destroy()) : false,
    );
    const { layout, told } = await pushTo(registry.host);
    expect(registry.blobs.has(layout.layers[0]!)).toBe(true);
    expect(told).toContainEqual({ is: "retrying", inMs: expect.any(Number) });
  });

  test("waits where it is asked to", async () => {
    let times = 0;
    const registry = await acceptor(({ method }, response) =>
      method === "PUT" && times++ === 0 ? refuse(response, 429, "TOOMANYREQUESTS", "x", { "Retry-After": "0" }) : false,
    );
    await pushTo(registry.host);
    expect(times).toBeGreaterThan(2);
  });

  test.each([413, 405, 404])("sends chunks where one piece is %i, and only the rest after a break", async (status) => {
    let times = 0;
    const registry = await acceptor((request, response) => {
      const isWhole = request.method === "PUT" && Number(request.headers["content-length"]) > 1 << 20;
      if (isWhole) return refuse(response, status, "SIZE_INVALID", "in one piece it is too much");
      if (request.method !== "PATCH" || times++ !== 1) return false;
      return request.once("data", () => request.destroy());
    });
    const { layout } = await pushTo(registry.host);
    expect(registry.blobs.get(layout.layers[0]!)).toHaveLength(large.length + 2048 - 512);
    const chunks = registry.asked.filter((line) => line.startsWith("PATCH")).map((line) => line.split(" ")[2]);
    expect(chunks.slice(0, 3)).toEqual(["0-8388607", "8388608-16777215", "8388608-16777215"]);
    expect(registry.asked).toContainEqual(expect.stringMatching(/^GET .*uploads/));
  });

  test("gives up where the registry says no, in its words, and sends no manifest then", async () => {
    const registry = await acceptor(({ method, url }, response) =>
      method === "POST" && url ? refuse(response, 403, "DENIED", "requested access to the resource is denied") : false,
    );
    await expect(pushTo(registry.host)).rejects.toThrow(
      /^push access denied for 127.0.0.1:\d+\/app: denied: requested access to the resource is denied/,
    );
    expect(registry.manifests.size).toBe(0);
  });

  test.each<[string, (path: string) => void]>([
    ["shorter", (path) => truncateSync(path, 1000)],
    ["longer", (path) => appendFileSync(path, "more")],
    ["another in one byte", (path) => flipByte(path)],
  ])("says which blob is damaged where it is %s than its name says", async (_, damage) => {
    const registry = await acceptor();
    const pushing = pushTo(registry.host, large.subarray(0, 1 << 20), damage);
    await expect(pushing).rejects.toThrow(
      /blobs\/sha256\/[0-9a-f]{64} is damaged: its content is not what its name says$/,
    );
    expect(registry.manifests.size).toBe(0);
    expect(registry.asked.filter((line) => line.startsWith("PATCH"))).toEqual([]);
  });

  test("and where it stores something else than it was given", async () => {
    const registry = await acceptor(({ method, url = "" }, response) =>
      method === "PUT" && url.includes("manifests")
        ? response.writeHead(201, { "Docker-Content-Digest": `sha256:${"0".repeat(64)}` }).end()
        : false,
    );
    await expect(pushTo(registry.host)).rejects.toThrow(/the registry has stored sha256:0+ in place of sha256:/);
  });
});

test("docker-registry takes chunks as we send them", needs("program:docker-registry"), async () => {
  const real = await startRegistry();
  const { root } = puller();
  const layout = makeLayout([tarOf([{ name: "large", content: large }])]);
  await loadArchive(root, layout.directory);
  const settings = { mirrors: {}, insecure: [] };
  const registry = await Registry.connect(endpointOf(real.host, settings), { ...HASTE, settings });
  const target = { registry, repository: "team/app" };
  const blob = { mediaType: MEDIA.LAYER, digest: layout.layers[0]!, size: large.length + 2048 - 512 };
  const fd = openBlob(root, blob);
  await sendChunks(target, { fd, blob, onBytes() {}, onPause() {} });
  closeSync(fd);
  const told: string[] = [];
  await sendBlob(target, root, blob, { onLayer: (_, { is }) => void told.push(is) });
  expect(told).toEqual(["present"]);
  registry.close();
  await real.close();
});
