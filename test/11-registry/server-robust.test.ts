import { once } from "node:events";
import { existsSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { blobPath, writeBlob } from "../../src/06-images/blobs.ts";
import { collectGarbage, listImages, MEDIA, removeImage } from "../../src/06-images/index.ts";
import { lockStore } from "../../src/06-images/lock.ts";
import { sha256 } from "../06-images/archives.ts";
import { eventually, type Served, served } from "./served.ts";

const BLOB = Buffer.from("all of it, from the beginning to the end");
const drafts = ({ root }: Served) => readdirSync(join(root, "tmp"));

async function begin({ ask }: Served, repository = "app"): Promise<string> {
  return (await ask("POST", `/v2/${repository}/blobs/uploads/`)).headers.location!;
}

async function push({ ask }: Served, blob: Buffer | string): Promise<{ digest: string; size: number }> {
  const digest = sha256(blob);
  expect((await ask("POST", `/v2/app/blobs/uploads/?digest=${digest}`, { body: blob })).status).toBe(201);
  return { digest, size: Buffer.from(blob).length };
}

async function pushImage(registry: Served, tag = "v1"): Promise<string> {
  const config = {
    ...(await push(registry, JSON.stringify({ rootfs: { type: "layers", diff_ids: [] }, tag }))),
    mediaType: MEDIA.CONFIG,
  };
  const body = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA.MANIFEST, config, layers: [] });
  expect((await registry.ask("PUT", `/v2/app/manifests/${tag}`, { body })).status).toBe(201);
  return sha256(body);
}

/** A connection that is up to us. */
async function connected({ url }: Served): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** Sends the beginning of a request with a body of `length` bytes, and waits until the registry has that. */
async function sendPart(registry: Served, head: string, part: string, length: number): Promise<Socket> {
  const socket = await connected(registry);
  socket.write(`${head} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n${part}`);
  return socket;
}

const rangeOf = async ({ ask }: Served, address: string) => (await ask("GET", address)).headers.range;

describe("a client that is cut off", () => {
  test.each(["PATCH", "PUT"])("in the middle of %s goes on where it was", async (method) => {
    const registry = await served();
    const address = await begin(registry);
    const query = method === "PUT" ? `?digest=${sha256(BLOB)}` : "";
    const socket = await sendPart(
      registry,
      `${method} ${address}${query}`,
      BLOB.subarray(0, 10).toString(),
      BLOB.length,
    );
    await eventually(async () => (await rangeOf(registry, address)) === "0-9");
    socket.destroy();
    await eventually(() => registry.told.some(({ status }) => status === undefined));
    const headers = { "content-range": `10-${BLOB.length - 1}` };
    expect((await registry.ask("PATCH", address, { headers, body: BLOB.subarray(10) })).status).toBe(202);
    expect((await registry.ask("PUT", `${address}?digest=${sha256(BLOB)}`)).status).toBe(201);
    expect(registry.failures).toEqual([]);
  });

  test("without knowing it is replaced by itself, coming anew", async () => {
    const registry = await served();
    const address = await begin(registry);
    const silent = await sendPart(registry, `PATCH ${address}`, BLOB.subarray(0, 10).toString(), BLOB.length);
    await eventually(async () => (await rangeOf(registry, address)) === "0-9");
    const put = await registry.ask("PUT", `${address}?digest=${sha256(BLOB)}`, { body: BLOB.subarray(10) });
    expect(put.status).toBe(201);
    expect(silent.destroyed || (await once(silent, "close"))).toBeTruthy();
  });

  test("in the middle of a single POST leaves nothing", async () => {
    const registry = await served();
    const head = `POST /v2/app/blobs/uploads/?digest=${sha256(BLOB)}`;
    const socket = await sendPart(registry, head, "some", BLOB.length);
    await eventually(() => existsSync(join(registry.root, "tmp")) && drafts(registry).length === 1);
    socket.destroy();
    await eventually(() => drafts(registry).length === 0);
    expect(registry.failures).toEqual([]);
  });

  test("while it pulls is no failure, and keeps no file open", async () => {
    const registry = await served();
    const large = Buffer.alloc(32 * 1024 * 1024);
    const { digest } = await push(registry, large);
    const socket = await connected(registry);
    socket.pause();
    socket.write(`GET /v2/app/blobs/${digest} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(socket, "readable");
    socket.destroy();
    await eventually(() => registry.told.length === 2);
    expect(registry.failures).toEqual([]);
    const isOpen = () =>
      readdirSync("/proc/self/fd").some((fd) => targetOf(`/proc/self/fd/${fd}`).includes(digest.slice(7)));
    await eventually(() => !isOpen());
  });
});

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    // The one that was open for reading this list.
    return "";
  }
}

describe("patience ends", () => {
  test("with an upload that nobody goes on with", async () => {
    const registry = await served({ patienceMs: 400 });
    const address = await begin(registry);
    await registry.ask("PATCH", address, { body: BLOB });
    await eventually(() => drafts(registry).length === 0);
    expect(await registry.ask("GET", address)).toMatchObject({ status: 404, code: "BLOB_UPLOAD_UNKNOWN" });
  });

  test("with a blob whose manifest never comes, but not with what has become an image", async () => {
    const before = await served();
    const image = await pushImage(before);
    const registry = await served({ patienceMs: 400 }, before.root);
    const { digest } = await push(registry, BLOB);
    await eventually(() => !existsSync(blobPath(registry.root, digest)));
    expect((await registry.ask("HEAD", `/v2/app/blobs/${digest}`)).status).toBe(404);
    expect((await registry.ask("GET", `/v2/app/manifests/${image}`)).status).toBe(200);
  });
});

describe("a store that others use meanwhile", () => {
  test("isn't cleaned up while something is on its way in, and is afterwards", async () => {
    const registry = await served();
    await pushImage(registry);
    const { digest } = await push(registry, BLOB);
    const garbage = writeBlob(registry.root, Buffer.from("nobody's"), "text/plain").digest;
    expect(collectGarbage(registry.root)).toEqual([]);
    expect((await registry.ask("GET", `/v2/app/blobs/${digest}`)).bytes).toEqual(BLOB);
    await registry.ask("DELETE", `/v2/app/blobs/${digest}`);
    expect([digest, garbage].map((one) => existsSync(blobPath(registry.root, one)))).toEqual([false, false]);
  });

  test("is waited for while somebody cleans it up, and nobody else has to wait for that", async () => {
    const registry = await served();
    const lock = lockStore(registry.root)!;
    const begun = begin(registry);
    expect((await registry.ask("GET", "/v2/")).status).toBe(200);
    expect(registry.told).toHaveLength(1);
    lock.close();
    expect(await begun).toMatch(/^\/v2\/app\/blobs\/uploads\//);
  });

  test("loses what is removed there, also here", async () => {
    const registry = await served();
    const digest = await pushImage(registry);
    expect(removeImage(registry.root, "app:v1", () => undefined).deleted).toContain(digest);
    expect((await registry.ask("GET", "/v2/app/manifests/v1")).status).toBe(404);
    expect((await registry.ask("GET", `/v2/app/manifests/${digest}`)).status).toBe(404);
  });

  test("takes what is pushed at once, by everybody", async () => {
    const registry = await served();
    const tags = Array.from({ length: 20 }, (_, index) => `t${index}`);
    await Promise.all(tags.map((tag) => pushImage(registry, tag)));
    expect((await registry.ask("GET", "/v2/app/tags/list")).json()).toEqual({ name: "app", tags: tags.sort() });
    expect(listImages(registry.root)).toHaveLength(20);
    expect(drafts(registry)).toEqual([]);
  });

  test("with a damaged manifest is our failure, said there and not here", async () => {
    const registry = await served();
    writeFileSync(blobPath(registry.root, await pushImage(registry)), "{}");
    const answer = await registry.ask("GET", "/v2/app/manifests/v1");
    expect([answer.status, String(answer.bytes)]).toEqual([500, expect.not.stringContaining(registry.root)]);
    expect(String(registry.failures)).toContain("is damaged");
  });
});

describe("what is sent to annoy", () => {
  /** The first line of the answer to some bytes. */
  async function answerTo(registry: Served, bytes: string): Promise<string> {
    const socket = await connected(registry);
    socket.end(bytes);
    return (await text(socket)).split("\r\n")[0]!;
  }

  test.each([
    ["headers that never end", `GET /v2/ HTTP/1.1\r\nX: ${"x".repeat(17_000)}\r\n\r\n`, "HTTP/1.1 431 "],
    ["an address that never ends", `GET /v2/${"x".repeat(17_000)} HTTP/1.1\r\n\r\n`, "HTTP/1.1 431 "],
    ["another language", "EHLO registry\r\n\r\n", "HTTP/1.1 400 "],
    [
      "another protocol in disguise",
      "GET /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 400 ",
    ],
    [
      "an address of somebody else's",
      "GET http://example.org/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      "HTTP/1.1 404 ",
    ],
    ["half a letter", "GET /v2/%E2%28%A1/tags/list HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 "],
    ["zeros", "GET /v2/a%00b/tags/list HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 400 "],
  ])("is answered and forgotten: %s", async (_, bytes, expected) => {
    const registry = await served();
    expect(await answerTo(registry, bytes)).toContain(expected);
    expect((await registry.ask("GET", "/v2/")).status).toBe(200);
    expect(registry.failures).toEqual([]);
  });

  test("is refused when it has hardly begun, and the connection still serves", async () => {
    const registry = await served({ readOnly: true });
    const body = Buffer.alloc(8 * 1024 * 1024);
    expect((await registry.ask("PUT", "/v2/app/manifests/v1", { body })).status).toBe(405);
    expect((await registry.ask("GET", "/v2/")).status).toBe(200);
  });

  test("a thousand uploads that nobody ends are enough", async () => {
    const registry = await served();
    const answers = [];
    for (let n = 0; n <= 1000; n++) answers.push((await registry.ask("POST", "/v2/app/blobs/uploads/")).status);
    expect(answers.filter((status) => status !== 202)).toEqual([429]);
  });
});

test("it ends at once, whatever is going on, and leaves nothing unfinished", async () => {
  const registry = await served();
  const digest = await pushImage(registry);
  const address = await begin(registry);
  await sendPart(registry, `PATCH ${address}`, "some", BLOB.length);
  await eventually(async () => (await rangeOf(registry, address)) === "0-3");
  const waiting = await push(registry, BLOB);
  await registry.close();
  await sleep(0);
  expect(drafts(registry)).toEqual([]);
  expect(existsSync(blobPath(registry.root, waiting.digest))).toBe(false);
  expect(existsSync(blobPath(registry.root, digest))).toBe(true);
  expect(lockStore(registry.root)).toBeDefined();
});
