import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { blobPath } from "../../src/06-images/blobs.ts";
import { findImage, listImages, loadArchive, MEDIA, unpackImage } from "../../src/06-images/index.ts";
import { makeLayout, sha256, tarOf } from "../06-images/archives.ts";
import { type Answer, type Served, served } from "./served.ts";

const BLOB = Buffer.from("all of it, from the beginning to the end");
const sha512 = (bytes: Buffer) => `sha512:${createHash("sha512").update(bytes).digest("hex")}`;

/** The address that an answer gives. */
const locationOf = ({ headers }: Answer): string => headers.location!;
const withQuery = (location: string, query: string) => `${location}${location.includes("?") ? "&" : "?"}${query}`;
const drafts = ({ root }: Served) => readdirSync(join(root, "tmp"));

async function begin({ ask }: Served, repository = "app"): Promise<string> {
  const answer = await ask("POST", `/v2/${repository}/blobs/uploads/`);
  expect(answer.status).toBe(202);
  return locationOf(answer);
}

/** Pushes a blob the short way. */
async function push({ ask }: Served, blob: Buffer, repository = "app"): Promise<string> {
  const answer = await ask("POST", `/v2/${repository}/blobs/uploads/?digest=${sha256(blob)}`, { body: blob });
  expect(answer.status).toBe(201);
  return sha256(blob);
}

describe("a blob is pushed", () => {
  const digests = [sha256(BLOB), sha512(BLOB)];

  /** It is there, and the answer says where. */
  async function expectPushed(registry: Served, answer: Answer, digest: string): Promise<void> {
    expect(answer.status).toBe(201);
    expect(answer.headers["docker-content-digest"]).toBe(digest);
    expect(locationOf(answer)).toBe(`/v2/app/blobs/${digest}`);
    expect((await registry.ask("GET", locationOf(answer))).bytes).toEqual(BLOB);
    expect(readFileSync(blobPath(registry.root, digest))).toEqual(BLOB);
    expect(drafts(registry)).toEqual([]);
  }

  test.each(digests)("with one POST: %s", async (digest) => {
    const registry = await served();
    const answer = await registry.ask("POST", `/v2/app/blobs/uploads/?digest=${digest}`, { body: BLOB });
    await expectPushed(registry, answer, digest);
  });

  test.each(digests)("with POST and PUT: %s", async (digest) => {
    const registry = await served();
    const location = await begin(registry);
    await expectPushed(
      registry,
      await registry.ask("PUT", withQuery(location, `digest=${digest}`), { body: BLOB }),
      digest,
    );
  });

  test.each(digests)("in parts, the last one with PUT: %s", async (digest) => {
    const registry = await served();
    let location = await begin(registry);
    for (const [start, end] of [
      [0, 9],
      [10, 29],
    ] as const) {
      const headers = { "content-range": `${start}-${end}` };
      const answer = await registry.ask("PATCH", location, { headers, body: BLOB.subarray(start, end + 1) });
      expect([answer.status, answer.headers.range]).toEqual([202, `0-${end}`]);
      location = locationOf(answer);
    }
    const last = { headers: { "content-range": `30-${BLOB.length - 1}` }, body: BLOB.subarray(30) };
    await expectPushed(registry, await registry.ask("PUT", withQuery(location, `digest=${digest}`), last), digest);
  });

  test("as a stream whose length nobody knows before, ended by a PUT without a body", async () => {
    const registry = await served();
    const body = Readable.from([BLOB.subarray(0, 7), BLOB.subarray(7)]);
    const streamed = await registry.ask("PATCH", await begin(registry), { body });
    expect(streamed.headers.range).toBe(`0-${BLOB.length - 1}`);
    const answer = await registry.ask("PUT", withQuery(locationOf(streamed), `digest=${sha256(BLOB)}`));
    await expectPushed(registry, answer, sha256(BLOB));
  });

  test("hashed from the beginning with the algorithm that was announced", async () => {
    const registry = await served();
    const answer = await registry.ask("POST", "/v2/app/blobs/uploads/?digest-algorithm=sha512");
    const patched = await registry.ask("PATCH", locationOf(answer), { body: BLOB });
    const put = await registry.ask("PUT", withQuery(locationOf(patched), `digest=${sha512(BLOB)}`));
    await expectPushed(registry, put, sha512(BLOB));
    expect((await registry.ask("POST", "/v2/app/blobs/uploads/?digest-algorithm=md5")).code).toBe("DIGEST_INVALID");
  });

  test("empty", async () => {
    const registry = await served();
    const digest = sha256("");
    const answer = await registry.ask("PUT", withQuery(await begin(registry), `digest=${digest}`));
    expect(answer.status).toBe(201);
    const got = await registry.ask("GET", locationOf(answer));
    expect([got.status, got.headers["content-length"]]).toEqual([200, "0"]);
  });

  test("by two clients at once", async () => {
    const registry = await served();
    const addresses = [await begin(registry), await begin(registry)];
    const body = () => Readable.from([BLOB.subarray(0, 7), BLOB.subarray(7)]);
    const put = (address: string) =>
      registry.ask("PUT", withQuery(address, `digest=${sha256(BLOB)}`), { body: body() });
    for (const answer of await Promise.all(addresses.map(put))) await expectPushed(registry, answer, sha256(BLOB));
  });
});

describe("an upload", () => {
  test.each([
    ["that begins too late", "10-19"],
    ["that begins too early", "0-4"],
  ])("refuses a part %s, says where it is, and goes on from there", async (_, range) => {
    const registry = await served();
    const address = await begin(registry);
    const part = (method: string, bytes: Buffer, headers = {}, query = "") =>
      registry.ask(method, query ? withQuery(address, query) : address, { headers, body: bytes });
    await part("PATCH", BLOB.subarray(0, 5), { "content-range": "0-4" });
    const [start = 0, end = 0] = range.split("-").map(Number);
    for (const method of ["PATCH", "PUT"]) {
      const query = method === "PUT" ? `digest=${sha256(BLOB)}` : "";
      const answer = await part(method, BLOB.subarray(start, end + 1), { "content-range": range }, query);
      expect([answer.status, answer.code, answer.headers.range]).toEqual([416, "BLOB_UPLOAD_INVALID", "0-4"]);
    }
    const status = await registry.ask("GET", address);
    expect([status.status, status.headers.range, locationOf(status)]).toEqual([204, "0-4", address]);
    expect((await part("PUT", BLOB.subarray(5), {}, `digest=${sha256(BLOB)}`)).status).toBe(201);
  });

  test.each(["some", "5-", "bytes 0-4/40"])("knows no such range: %s", async (range) => {
    const registry = await served();
    const headers = { "content-range": range };
    const answer = await registry.ask("PATCH", await begin(registry), { headers, body: "hello" });
    expect(answer).toMatchObject({ status: 400, code: "BLOB_UPLOAD_INVALID" });
  });

  test("refuses a part that isn't as long as its range", async () => {
    const registry = await served();
    const address = await begin(registry);
    const headers = { "content-range": "0-9" };
    const short = { status: 400, code: "SIZE_INVALID" };
    expect(await registry.ask("PATCH", address, { headers, body: "hello" })).toMatchObject(short);
    const body = Readable.from([Buffer.from("hello")]);
    expect(await registry.ask("PATCH", address, { headers, body })).toMatchObject(short);
  });

  test.each(["POST", "PUT", "PATCH and PUT"])(
    "whose content isn't what its digest says leaves nothing: %s",
    async (how) => {
      const registry = await served();
      const wrong = `digest=${sha256("else")}`;
      const address = how === "POST" ? "/v2/app/blobs/uploads/" : await begin(registry);
      if (how === "PATCH and PUT") await registry.ask("PATCH", address, { body: BLOB });
      const method = how === "POST" ? "POST" : "PUT";
      const answer = await registry.ask(method, withQuery(address, wrong), { body: BLOB });
      expect(answer).toMatchObject({ status: 400, code: "DIGEST_INVALID" });
      expect((await registry.ask("HEAD", `/v2/app/blobs/${sha256("else")}`)).status).toBe(404);
      expect((await registry.ask("HEAD", `/v2/app/blobs/${sha256(BLOB)}`)).status).toBe(404);
      expect(drafts(registry)).toEqual([]);
    },
  );

  test.each(["", "digest=", "digest=md5:d41d8cd98f00b204e9800998ecf8427e", "digest=sha256:x"])(
    "isn't over without a digest that can be one: %j",
    async (query) => {
      const registry = await served();
      const address = await begin(registry);
      const answer = await registry.ask("PUT", withQuery(address, query), { body: BLOB });
      expect(answer).toMatchObject({ status: 400, code: "DIGEST_INVALID" });
      expect((await registry.ask("GET", address)).status).toBe(204);
    },
  );

  test("is cancelled, and then nobody knows it", async () => {
    const registry = await served();
    const address = await begin(registry);
    await registry.ask("PATCH", address, { body: BLOB });
    expect((await registry.ask("DELETE", address)).status).toBe(204);
    expect(drafts(registry)).toEqual([]);
    for (const method of ["GET", "PATCH", "DELETE"]) {
      expect(await registry.ask(method, address), method).toMatchObject({ status: 404, code: "BLOB_UPLOAD_UNKNOWN" });
    }
  });

  test("is ended once, however often that is asked for", async () => {
    const registry = await served();
    const address = await begin(registry);
    await registry.ask("PATCH", address, { body: BLOB });
    const ends = Array.from({ length: 4 }, () => registry.ask("PUT", withQuery(address, `digest=${sha256(BLOB)}`)));
    const statuses = (await Promise.all(ends)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 404, 404, 404]);
    expect((await registry.ask("GET", `/v2/app/blobs/${sha256(BLOB)}`)).bytes).toEqual(BLOB);
    expect(registry.failures).toEqual([]);
  });

  test("is its repository's", async () => {
    const registry = await served();
    const address = await begin(registry);
    const elsewhere = address.replace("/app/", "/other/");
    expect(await registry.ask("PATCH", elsewhere, { body: BLOB })).toMatchObject({
      status: 404,
      code: "BLOB_UPLOAD_UNKNOWN",
    });
  });
});

describe("a blob is mounted", () => {
  const mount = ({ ask }: Served, query: string) => ask("POST", `/v2/app/blobs/uploads/?mount=${sha256(BLOB)}${query}`);

  test.each([
    ["from the repository that is named", "&from=other"],
    ["from anywhere, where none is named", ""],
  ])("%s", async (_, query) => {
    const registry = await served();
    await push(registry, BLOB, "other");
    const answer = await mount(registry, query);
    expect([answer.status, locationOf(answer)]).toEqual([201, `/v2/app/blobs/${sha256(BLOB)}`]);
    expect((await registry.ask("GET", locationOf(answer))).bytes).toEqual(BLOB);
  });

  test.each(["&from=other", "&from=third", "&from=..", ""])(
    "and if it isn't to be had, an upload begins: %j",
    async (query) => {
      const registry = await served();
      if (query === "&from=third") await push(registry, BLOB, "other");
      const answer = await mount(registry, query);
      expect(answer.status).toBe(202);
      const put = await registry.ask("PUT", withQuery(locationOf(answer), `digest=${sha256(BLOB)}`), { body: BLOB });
      expect(put.status).toBe(201);
    },
  );

  test("and is deleted where it is, not where it came from", async () => {
    const registry = await served();
    await push(registry, BLOB, "other");
    await mount(registry, "&from=other");
    expect((await registry.ask("DELETE", `/v2/app/blobs/${sha256(BLOB)}`)).status).toBe(202);
    expect((await registry.ask("HEAD", `/v2/app/blobs/${sha256(BLOB)}`)).status).toBe(404);
    expect((await registry.ask("HEAD", `/v2/other/blobs/${sha256(BLOB)}`)).status).toBe(200);
    expect((await registry.ask("DELETE", `/v2/app/blobs/${sha256(BLOB)}`)).code).toBe("BLOB_UNKNOWN");
  });
});

/** An image's parts as a client has them. */
const LAYER = tarOf([{ name: "hello", content: "from afar" }]);
const describing = (mediaType: string, bytes: Buffer) => ({ mediaType, digest: sha256(bytes), size: bytes.length });
const CONFIG = Buffer.from(
  JSON.stringify({
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    config: { Cmd: ["sh"] },
    rootfs: { type: "layers", diff_ids: [sha256(LAYER)] },
  }),
);
const IMAGE = {
  schemaVersion: 2,
  mediaType: MEDIA.MANIFEST as string,
  config: describing(MEDIA.CONFIG, CONFIG),
  layers: [describing(MEDIA.LAYER, LAYER)],
};

const bytesOf = (manifest: object) => Buffer.from(JSON.stringify(manifest, null, 1));

interface Put {
  repository?: string;
  reference?: string;
  type?: string;
}

async function putManifest({ ask }: Served, manifest: object | string, put: Put = {}): Promise<Answer> {
  const body = typeof manifest === "string" ? Buffer.from(manifest) : bytesOf(manifest);
  const { repository = "app", reference = "v1" } = put;
  const type = put.type ?? (manifest as { mediaType?: string }).mediaType;
  const headers: Record<string, string> = type === undefined ? {} : { "content-type": type };
  return ask("PUT", `/v2/${repository}/manifests/${reference}`, { headers, body });
}

/** A registry to which the image's blobs were pushed. */
async function withBlobs(repository = "app"): Promise<Served> {
  const registry = await served();
  await push(registry, CONFIG, repository);
  await push(registry, LAYER, repository);
  return registry;
}

describe("a manifest is pushed", () => {
  test("by tag, and is the store's image under localhost's name, ready to run", async () => {
    const registry = await withBlobs("team/app");
    const answer = await putManifest(registry, IMAGE, { repository: "team/app" });
    expect(answer.status).toBe(201);
    expect(answer.headers["docker-content-digest"]).toBe(sha256(bytesOf(IMAGE)));
    expect((await registry.ask("GET", locationOf(answer))).bytes).toEqual(bytesOf(IMAGE));
    const image = await findImage(registry.root, "team/app:v1");
    expect(image).toMatchObject({ name: "localhost/team/app:v1", digest: sha256(bytesOf(IMAGE)) });
    const [directory = ""] = await unpackImage(registry.root, image!);
    expect(readFileSync(join(directory, "hello"), "utf8")).toBe("from afar");
  });

  test.each([
    ["sha256", sha256],
    ["sha512", sha512],
  ])("by digest: %s", async (_, digestOf) => {
    const registry = await withBlobs();
    const digest = digestOf(bytesOf(IMAGE));
    const answer = await putManifest(registry, IMAGE, { reference: digest });
    expect([answer.status, answer.headers["docker-content-digest"]]).toEqual([201, digest]);
    expect((await registry.ask("GET", `/v2/app/manifests/${digest}`)).bytes).toEqual(bytesOf(IMAGE));
    expect((await registry.ask("GET", "/v2/app/tags/list")).json()).toEqual({ name: "app", tags: [] });
    expect((await registry.ask("GET", `/v2/other/manifests/${digest}`)).status).toBe(404);
  });

  test("by digest with tags, and the answer says which it got", async () => {
    const registry = await withBlobs();
    const tags = Array.from({ length: 12 }, (_, index) => `t${index}`);
    const reference = `${sha256(bytesOf(IMAGE))}?${tags.map((tag) => `tag=${tag}`).join("&")}`;
    expect((await putManifest(registry, IMAGE, { reference })).headers["oci-tag"]).toBe(tags.join(", "));
    expect((await registry.ask("GET", "/v2/app/tags/list")).json()).toEqual({ name: "app", tags: tags.sort() });
    const wrong = { reference: `${sha256(bytesOf(IMAGE))}?tag=-x` };
    expect((await putManifest(registry, IMAGE, wrong)).code).toBe("MANIFEST_INVALID");
  });

  test("again with a tag that another has, which stays without one", async () => {
    const registry = await withBlobs();
    const other = { ...IMAGE, annotations: { other: "yes" } };
    await putManifest(registry, IMAGE);
    await putManifest(registry, other);
    expect((await registry.ask("GET", "/v2/app/manifests/v1")).bytes).toEqual(bytesOf(other));
    expect((await registry.ask("GET", `/v2/app/manifests/${sha256(bytesOf(IMAGE))}`)).bytes).toEqual(bytesOf(IMAGE));
    expect(listImages(registry.root).map(({ tag }) => tag)).toEqual(expect.arrayContaining(["v1", undefined]));
  });

  test("and one from elsewhere keeps the name it has in the store", async () => {
    const registry = await withBlobs();
    const { directory, manifest } = makeLayout([tarOf([])], { name: "docker.io/library/app:v1" });
    await loadArchive(registry.root, directory);
    await putManifest(registry, IMAGE);
    expect((await registry.ask("GET", "/v2/app/manifests/v1")).bytes).toEqual(bytesOf(IMAGE));
    expect((await findImage(registry.root, "app:v1"))?.digest).toBe(manifest);
    expect((await findImage(registry.root, "localhost/app:v1"))?.digest).toBe(sha256(bytesOf(IMAGE)));
  });

  test("as the kind that it says, that it is sent as, or that it looks like", async () => {
    const registry = await withBlobs();
    const { mediaType: _, ...silent } = IMAGE;
    const pushed: [object, string | undefined, string][] = [
      [IMAGE, undefined, MEDIA.MANIFEST],
      [IMAGE, `${MEDIA.MANIFEST}; charset=utf-8`, MEDIA.MANIFEST],
      [silent, MEDIA.DOCKER_MANIFEST, MEDIA.DOCKER_MANIFEST],
      [silent, undefined, MEDIA.MANIFEST],
      [{ schemaVersion: 2, manifests: [] }, undefined, MEDIA.INDEX],
    ];
    for (const [manifest, type, expected] of pushed) {
      const put: Put = { reference: "kind", ...(type !== undefined && { type }) };
      expect((await putManifest(registry, bytesOf(manifest).toString(), put)).status, expected).toBe(201);
      const { headers } = await registry.ask("HEAD", "/v2/app/manifests/kind");
      expect(headers["content-type"]).toBe(expected);
    }
  });
});

describe("a manifest is refused", () => {
  const word = Buffer.from("word");
  const { config, layers } = IMAGE;
  test.each<[string, object | string, string, number, Put?]>([
    ["that is no JSON", "{", "MANIFEST_INVALID", 400],
    ["that is a number", "7", "MANIFEST_INVALID", 400],
    ["of the first generation", { ...IMAGE, schemaVersion: 1 }, "MANIFEST_INVALID", 400],
    ["without a config", { ...IMAGE, config: undefined }, "MANIFEST_INVALID", 400],
    ["whose layers are no list", { ...IMAGE, layers: {} }, "MANIFEST_INVALID", 400],
    ["whose layer has no digest", { ...IMAGE, layers: [{ ...layers[0], digest: "../x" }] }, "MANIFEST_INVALID", 400],
    ["whose annotations are no texts", { ...IMAGE, annotations: { a: 1 } }, "MANIFEST_INVALID", 400],
    ["whose kind is a number", { ...IMAGE, artifactType: 5 }, "MANIFEST_INVALID", 400],
    ["whose subject is nothing", { ...IMAGE, subject: {} }, "MANIFEST_INVALID", 400],
    ["that is an index too", { ...IMAGE, manifests: [] }, "MANIFEST_INVALID", 400],
    ["of a kind that nobody knows", { ...IMAGE, mediaType: "text/plain" }, "MANIFEST_INVALID", 400],
    ["sent as another kind", IMAGE, "MANIFEST_INVALID", 400, { type: MEDIA.DOCKER_MANIFEST }],
    ["whose image's config is a word", { ...IMAGE, config: describing(MEDIA.CONFIG, word) }, "MANIFEST_INVALID", 400],
    [
      "with a layer that isn't here",
      { ...IMAGE, layers: [describing(MEDIA.LAYER, Buffer.from("?"))] },
      "MANIFEST_BLOB_UNKNOWN",
      404,
    ],
    ["with a layer of another length", { ...IMAGE, layers: [{ ...layers[0], size: 7 }] }, "SIZE_INVALID", 400],
    [
      "with a config that isn't here",
      { ...IMAGE, config: { ...config, digest: sha256("?") } },
      "MANIFEST_BLOB_UNKNOWN",
      404,
    ],
    ["that is an index of what isn't here", { schemaVersion: 2, manifests: [config] }, "MANIFEST_BLOB_UNKNOWN", 404],
    ["with another digest than it has", IMAGE, "DIGEST_INVALID", 400, { reference: sha256("?") }],
    ["with a digest that can't be", IMAGE, "DIGEST_INVALID", 400, { reference: "sha256:x" }],
    ["with a tag that can't be", IMAGE, "DIGEST_INVALID", 400, { reference: "x".repeat(129) }],
    ["for a repository that can't be", IMAGE, "NAME_INVALID", 400, { repository: "App" }],
  ])("%s", async (_, manifest, code, status, put) => {
    const registry = await withBlobs();
    await push(registry, word);
    expect(await putManifest(registry, manifest, put)).toMatchObject({ code, status });
    expect((await registry.ask("GET", "/v2/_catalog")).json()).toEqual({ repositories: [] });
    expect(registry.failures).toEqual([]);
  });

  test("that is larger than 4 MiB, and one of nearly that isn't", async () => {
    const registry = await withBlobs();
    const sized = (length: number) => {
      const rest = length - bytesOf({ ...IMAGE, annotations: { fill: "" } }).length;
      return bytesOf({ ...IMAGE, annotations: { fill: "x".repeat(rest) } }).toString();
    };
    const type = MEDIA.MANIFEST;
    expect((await putManifest(registry, sized(4 * 1024 * 1024), { type })).status).toBe(201);
    expect((await putManifest(registry, sized(4 * 1024 * 1024 + 1), { type })).status).toBe(413);
    const body = Readable.from(Array.from({ length: 5 }, () => Buffer.alloc(1024 * 1024)));
    expect((await registry.ask("PUT", "/v2/app/manifests/v1", { body })).status).toBe(413);
  });

  test("but a layer that may not be passed on is elsewhere", async () => {
    const registry = await withBlobs();
    const foreign = describing(
      "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
      Buffer.from("elsewhere"),
    );
    expect((await putManifest(registry, { ...IMAGE, layers: [foreign, ...layers] })).status).toBe(201);
  });
});

describe("a manifest with anything anywhere", () => {
  const ANYTHING = [null, 0, 1e300, "../..", sha256(LAYER), [null], {}, { digest: 7 }];
  const BELOW = {
    ...IMAGE.layers[0],
    annotations: { a: "b" },
    platform: { os: "linux", architecture: "amd64" },
    urls: ["x"],
  };
  const WHOLE = { ...IMAGE, layers: [BELOW], subject: BELOW, annotations: { a: "b" }, artifactType: "text/x" };
  const { config: _config, layers: _layers, ...bare } = WHOLE;
  const WHOLE_INDEX = {
    ...bare,
    mediaType: MEDIA.INDEX,
    manifests: [{ ...BELOW, ...describing(MEDIA.MANIFEST, bytesOf(IMAGE)) }],
  };

  /** The same with one value in it replaced, for every place there is. */
  function* replaced(value: unknown, by: unknown): Generator<unknown> {
    yield by;
    if (typeof value !== "object" || value === null) return;
    for (const [key, part] of Object.entries(value)) {
      for (const other of replaced(part, by)) {
        yield Array.isArray(value) ? Object.assign([...value], { [key]: other }) : { ...value, [key]: other };
      }
    }
  }

  test.each([
    ["manifest", WHOLE],
    ["index", WHOLE_INDEX],
  ])("is taken or refused, and never in the way: %s", async (_, whole) => {
    const registry = await withBlobs();
    await putManifest(registry, IMAGE, { reference: sha256(bytesOf(IMAGE)) });
    const statuses = new Set<number>();
    for (const manifest of ANYTHING.flatMap((by) => [...replaced(whole, by)])) {
      const { status } = await registry.ask("PUT", "/v2/app/manifests/any", { body: bytesOf(manifest as object) });
      statuses.add(status);
    }
    expect([...statuses].filter((status) => ![201, 400, 404].includes(status))).toEqual([]);
    expect(statuses).toContain(201);
    expect(registry.failures).toEqual([]);
    listImages(registry.root, (_name, { message }) => expect(message).toContain("no matching manifest"));
    const garbage = await push(registry, BLOB);
    await registry.ask("DELETE", `/v2/app/blobs/${garbage}`);
    expect(existsSync(blobPath(registry.root, garbage))).toBe(false);
  });
});

describe("an index", () => {
  const child = { ...describing(MEDIA.MANIFEST, bytesOf(IMAGE)), platform: { os: "linux", architecture: "amd64" } };
  const INDEX = { schemaVersion: 2, mediaType: MEDIA.INDEX, manifests: [child] };

  async function withIndex(): Promise<Served> {
    const registry = await withBlobs();
    await putManifest(registry, IMAGE, { reference: child.digest });
    expect((await putManifest(registry, INDEX, { reference: "all" })).status).toBe(201);
    return registry;
  }

  test("is one image of the store, whose parts have no entries of their own", async () => {
    const registry = await withIndex();
    expect(listImages(registry.root).map(({ tag }) => tag)).toEqual(["all"]);
    expect((await registry.ask("GET", `/v2/app/manifests/${child.digest}`)).bytes).toEqual(bytesOf(IMAGE));
  });

  test("goes before its parts, which are in the repository until they are deleted too", async () => {
    const registry = await withIndex();
    const digest = sha256(bytesOf(INDEX));
    const part = `/v2/app/manifests/${child.digest}`;
    expect(await registry.ask("DELETE", part)).toMatchObject({ status: 405, code: "DENIED" });
    expect((await registry.ask("DELETE", `/v2/app/manifests/${digest}`)).status).toBe(202);
    expect((await registry.ask("GET", "/v2/app/manifests/all")).status).toBe(404);
    expect((await registry.ask("GET", part)).status).toBe(200);
    expect((await registry.ask("DELETE", part)).status).toBe(202);
    expect((await registry.ask("GET", part)).status).toBe(404);
  });

  test("that goes says nothing of its parts: neither names nor that they are images", async () => {
    const registry = await withBlobs();
    const word = Buffer.from("word");
    await push(registry, word);
    const note = { ...IMAGE, config: describing("text/word", word), layers: [] };
    const annotations = { "org.opencontainers.image.ref.name": "docker.io/library/alpine:latest" };
    const index = { ...INDEX, manifests: [{ ...describing(MEDIA.MANIFEST, bytesOf(note)), annotations }] };
    await putManifest(registry, note, { reference: "note" });
    await putManifest(registry, index, { reference: "all" });
    await registry.ask("DELETE", "/v2/app/manifests/note");
    await registry.ask("DELETE", `/v2/app/manifests/${sha256(bytesOf(index))}`);
    expect((await registry.ask("GET", `/v2/app/manifests/${sha256(bytesOf(note))}`)).status).toBe(200);
    expect(listImages(registry.root, (_name, error) => expect.fail(error.message))).toEqual([]);
    expect(await findImage(registry.root, "alpine")).toBeUndefined();
  });

  test("may be part of an index, and may be empty", async () => {
    const registry = await withIndex();
    const outer = { schemaVersion: 2, mediaType: MEDIA.INDEX, manifests: [describing(MEDIA.INDEX, bytesOf(INDEX))] };
    expect((await putManifest(registry, outer, { reference: "outer" })).status).toBe(201);
    const empty = { schemaVersion: 2, mediaType: MEDIA.INDEX, manifests: [] };
    expect((await putManifest(registry, empty, { reference: "empty" })).status).toBe(201);
  });
});

describe("deleting", () => {
  test("a tag leaves the manifest, and its other tags", async () => {
    const registry = await withBlobs();
    await putManifest(registry, IMAGE);
    await putManifest(registry, IMAGE, { reference: "v2" });
    for (const tag of ["v1", "v2"]) {
      expect((await registry.ask("DELETE", `/v2/app/manifests/${tag}`)).status).toBe(202);
      expect((await registry.ask("GET", `/v2/app/manifests/${tag}`)).status).toBe(404);
      expect((await registry.ask("GET", `/v2/app/manifests/${sha256(bytesOf(IMAGE))}`)).status).toBe(200);
    }
    expect((await registry.ask("GET", "/v2/app/tags/list")).json()).toEqual({ name: "app", tags: [] });
    expect(await registry.ask("DELETE", "/v2/app/manifests/v1")).toMatchObject({
      status: 404,
      code: "MANIFEST_UNKNOWN",
    });
  });

  test("a tag takes every name of the store that is served as it", async () => {
    const registry = await withBlobs();
    await putManifest(registry, IMAGE);
    await loadArchive(registry.root, makeLayout([tarOf([])], { name: "docker.io/library/app:v1" }).directory);
    expect((await registry.ask("DELETE", "/v2/app/manifests/v1")).status).toBe(202);
    expect((await registry.ask("GET", "/v2/app/manifests/v1")).status).toBe(404);
  });

  test("a manifest takes all its tags, and what was its own from the disk", async () => {
    const registry = await withBlobs();
    await putManifest(registry, IMAGE);
    await putManifest(registry, IMAGE, { reference: "v2" });
    const blob = `/v2/app/blobs/${sha256(LAYER)}`;
    expect(await registry.ask("DELETE", blob)).toMatchObject({ status: 405, code: "DENIED" });
    expect((await registry.ask("DELETE", `/v2/app/manifests/${sha256(bytesOf(IMAGE))}`)).status).toBe(202);
    for (const path of ["manifests/v1", "manifests/v2", `manifests/${sha256(bytesOf(IMAGE))}`]) {
      expect((await registry.ask("GET", `/v2/app/${path}`)).status).toBe(404);
    }
    expect((await registry.ask("GET", blob)).status).toBe(404);
    expect(existsSync(blobPath(registry.root, sha256(LAYER)))).toBe(false);
    expect(await registry.ask("GET", "/v2/app/tags/list")).toMatchObject({ status: 404, code: "NAME_UNKNOWN" });
  });

  test("a manifest that a container was made of leaves the image to the container", async () => {
    const registry = await served({ isUsed: (id) => (id === sha256(CONFIG) ? "c0ffee" : undefined) });
    await push(registry, CONFIG);
    await push(registry, LAYER);
    await putManifest(registry, IMAGE);
    expect((await registry.ask("DELETE", `/v2/app/manifests/${sha256(bytesOf(IMAGE))}`)).status).toBe(202);
    expect((await registry.ask("GET", `/v2/app/manifests/${sha256(bytesOf(IMAGE))}`)).status).toBe(404);
    expect(listImages(registry.root)).toMatchObject([{ id: sha256(CONFIG), repository: undefined }]);
    expect(existsSync(blobPath(registry.root, sha256(LAYER)))).toBe(true);
  });

  test("a manifest in one repository leaves it in the other", async () => {
    const registry = await withBlobs();
    await putManifest(registry, IMAGE);
    await putManifest(registry, IMAGE, { repository: "other", reference: sha256(bytesOf(IMAGE)) });
    await registry.ask("DELETE", `/v2/app/manifests/${sha256(bytesOf(IMAGE))}`);
    expect((await registry.ask("GET", `/v2/other/manifests/${sha256(bytesOf(IMAGE))}`)).status).toBe(200);
    expect((await registry.ask("GET", `/v2/other/blobs/${sha256(LAYER)}`)).status).toBe(200);
  });

  test("what isn't there, or can't be", async () => {
    const { ask } = await served();
    expect(await ask("DELETE", `/v2/app/manifests/${sha256("x")}`)).toMatchObject({
      status: 404,
      code: "MANIFEST_UNKNOWN",
    });
    expect(await ask("DELETE", `/v2/app/blobs/${sha256("x")}`)).toMatchObject({ status: 404, code: "BLOB_UNKNOWN" });
    expect(await ask("DELETE", "/v2/app/blobs/x")).toMatchObject({ status: 400, code: "DIGEST_INVALID" });
  });
});

describe("referrers", () => {
  const subject = describing(MEDIA.MANIFEST, bytesOf(IMAGE));
  const EMPTY = Buffer.from("{}");
  const empty = describing("application/vnd.oci.empty.v1+json", EMPTY);
  const artifact = (type: string, fields: object = {}) => ({
    schemaVersion: 2,
    mediaType: MEDIA.MANIFEST,
    artifactType: type,
    config: empty,
    layers: [empty],
    subject,
    ...fields,
  });

  const list = async ({ ask }: Served, query = "") => {
    const answer = await ask("GET", `/v2/app/referrers/${subject.digest}${query}`);
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, MEDIA.INDEX]);
    return { ...answer, index: answer.json() as { manifests: { digest: string }[] } };
  };

  async function withEmpty(): Promise<Served> {
    const registry = await served();
    await push(registry, EMPTY);
    return registry;
  }

  test("are none for what nobody knows, as an index and never 404", async () => {
    const registry = await served();
    expect((await list(registry)).index).toEqual({ schemaVersion: 2, mediaType: MEDIA.INDEX, manifests: [] });
    expect(await registry.ask("GET", "/v2/app/referrers/sha256:x")).toMatchObject({
      status: 400,
      code: "DIGEST_INVALID",
    });
  });

  test("come before their subject if they like, and the answer says that they were seen", async () => {
    const registry = await withEmpty();
    const answer = await putManifest(registry, artifact("text/a"), { reference: sha256(bytesOf(artifact("text/a"))) });
    expect([answer.status, answer.headers["oci-subject"]]).toEqual([201, subject.digest]);
  });

  test("are listed with their type and annotations; a config's type stands in, and an index may have none", async () => {
    const registry = await withEmpty();
    await push(registry, CONFIG);
    await push(registry, LAYER);
    const all = [
      artifact("text/a", { annotations: { made: "today" } }),
      { ...IMAGE, subject },
      { schemaVersion: 2, mediaType: MEDIA.INDEX, manifests: [], subject },
    ];
    for (const one of all) await putManifest(registry, one, { reference: sha256(bytesOf(one)) });
    const [first, second, third] = all.map((one) => describing(one.mediaType, bytesOf(one)));
    const { index } = await list(registry);
    expect(index.manifests).toHaveLength(3);
    expect(index.manifests).toContainEqual({ ...first, artifactType: "text/a", annotations: { made: "today" } });
    expect(index.manifests).toContainEqual({ ...second, artifactType: MEDIA.CONFIG });
    expect(index.manifests).toContainEqual(third);
  });

  test("are those of one type, if that is asked for", async () => {
    const registry = await withEmpty();
    for (const type of ["text/a", "text/b"]) await putManifest(registry, artifact(type), { reference: type.slice(5) });
    const { index, headers } = await list(registry, "?artifactType=text/b");
    expect(headers["oci-filters-applied"]).toBe("artifactType");
    expect(index.manifests).toMatchObject([{ artifactType: "text/b" }]);
    expect((await list(registry)).headers["oci-filters-applied"]).toBeUndefined();
  });

  test("go with their own deletion, and are no images", async () => {
    const registry = await withEmpty();
    const digest = sha256(bytesOf(artifact("text/a")));
    await putManifest(registry, artifact("text/a"));
    expect(listImages(registry.root)).toEqual([]);
    await registry.ask("DELETE", `/v2/app/manifests/${digest}`);
    expect((await list(registry)).index.manifests).toEqual([]);
  });

  test("that make too long a list come on several pages", async () => {
    const registry = await withEmpty();
    const pushed: string[] = [];
    for (const letter of ["a", "b", "c"]) {
      const one = artifact("text/long", { annotations: { fill: letter.repeat(1_900_000) } });
      pushed.push(sha256(bytesOf(one)));
      await putManifest(registry, one, { reference: letter });
    }
    const seen: string[][] = [];
    for (let query: string | undefined = "?artifactType=text/long"; query !== undefined; ) {
      const { index, headers, bytes } = await list(registry, query);
      expect(bytes.length).toBeLessThan(4 * 1024 * 1024);
      seen.push(index.manifests.map(({ digest }) => digest));
      query = /^<[^?]*(\?.*)>; rel="next"$/.exec(String(headers.link ?? ""))?.[1];
    }
    expect(seen.map(({ length }) => length)).toEqual([2, 1]);
    expect(seen.flat()).toEqual(pushed.sort());
  });
});

test("a registry that only gives out takes nothing in, and removes nothing", async () => {
  const open = await withBlobs();
  await putManifest(open, IMAGE);
  const registry = await served({ readOnly: true }, open.root);
  const digest = sha256(bytesOf(IMAGE));
  const refused = { status: 405, code: "DENIED" };
  expect(await registry.ask("POST", "/v2/app/blobs/uploads/")).toMatchObject(refused);
  expect(await putManifest(registry, IMAGE)).toMatchObject(refused);
  for (const path of ["manifests/v1", `manifests/${digest}`, `blobs/${sha256(LAYER)}`]) {
    expect(await registry.ask("DELETE", `/v2/app/${path}`), path).toMatchObject(refused);
  }
  expect((await registry.ask("GET", "/v2/app/manifests/v1")).status).toBe(200);
});
