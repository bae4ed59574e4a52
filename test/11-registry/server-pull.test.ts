import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { blobPath, writeBlob } from "../../src/06-images/blobs.ts";
import { loadArchive, MEDIA } from "../../src/06-images/index.ts";
import { changeIndex, nameEntry } from "../../src/06-images/layout.ts";
import { makeLayout, sha256, tarOf } from "../06-images/archives.ts";
import { type Served, served } from "./served.ts";

const layer = tarOf([{ name: "hello", content: "1" }]);

/** A registry that has one image under some name. */
async function withImage(name = "localhost/app:v1"): Promise<Served & ReturnType<typeof makeLayout>> {
  const registry = await served();
  const layout = makeLayout([layer], { name });
  await loadArchive(registry.root, layout.directory);
  return { ...registry, ...layout };
}

test("whoever asks whether this is a registry is told so", async () => {
  const { ask } = await served();
  const { status, headers } = await ask("GET", "/v2/");
  expect(status).toBe(200);
  expect(headers["docker-distribution-api-version"]).toBe("registry/2.0");
});

describe("a manifest", () => {
  test.each(["v1", "its digest"])("is given out by %s, byte for byte, with its type and digest", async (which) => {
    const { ask, root, manifest } = await withImage();
    const { status, headers, bytes } = await ask("GET", `/v2/app/manifests/${which === "v1" ? which : manifest}`);
    expect(status).toBe(200);
    expect(bytes).toEqual(readFileSync(blobPath(root, manifest)));
    expect(headers["content-type"]).toBe(MEDIA.MANIFEST);
    expect(headers["docker-content-digest"]).toBe(manifest);
  });

  test("is asked for with HEAD, which has the headers and no body", async () => {
    const { ask, root, manifest } = await withImage();
    const { status, headers, bytes } = await ask("HEAD", "/v2/app/manifests/v1");
    expect([status, bytes.length]).toEqual([200, 0]);
    expect(headers["docker-content-digest"]).toBe(manifest);
    expect(Number(headers["content-length"])).toBe(readFileSync(blobPath(root, manifest)).length);
  });

  test("of an index is in the repository too", async () => {
    const { ask, root, manifest } = await withImage();
    const child = { mediaType: MEDIA.MANIFEST, digest: manifest, size: readFileSync(blobPath(root, manifest)).length };
    const index = writeBlob(root, Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [child] })), MEDIA.INDEX);
    changeIndex(root, (entries) => nameEntry(entries, index, "localhost/all:latest"));
    const { status, headers } = await ask("GET", "/v2/all/manifests/latest");
    expect([status, headers["content-type"]]).toEqual([200, MEDIA.INDEX]);
    expect((await ask("GET", `/v2/all/manifests/${manifest}`)).status).toBe(200);
    expect((await ask("GET", `/v2/all/blobs/${sha256(layer)}`)).status).toBe(200);
  });

  test.each([
    ["app/manifests/none", 404, "MANIFEST_UNKNOWN"],
    ["none/manifests/v1", 404, "MANIFEST_UNKNOWN"],
    [`app/manifests/${sha256("x")}`, 404, "MANIFEST_UNKNOWN"],
    ["app/manifests/sha256:short", 400, "DIGEST_INVALID"],
    ["app/manifests/-v1", 400, "DIGEST_INVALID"],
    ["APP/manifests/v1", 400, "NAME_INVALID"],
    ["a..b/manifests/v1", 400, "NAME_INVALID"],
    [`${"a/".repeat(130)}a/manifests/v1`, 400, "NAME_INVALID"],
  ])("that isn't there is refused: %s", async (path, status, code) => {
    const { ask } = await withImage();
    expect(await ask("GET", `/v2/${path}`)).toMatchObject({ status, code });
  });
});

describe("a blob", () => {
  test("is given out whole, with its digest and length, and to HEAD without a body", async () => {
    const { ask } = await withImage();
    for (const method of ["GET", "HEAD"]) {
      const { status, headers, bytes } = await ask(method, `/v2/app/blobs/${sha256(layer)}`);
      expect(status).toBe(200);
      expect(headers["docker-content-digest"]).toBe(sha256(layer));
      expect(headers["content-length"]).toBe(String(layer.length));
      expect(bytes).toEqual(method === "GET" ? layer : Buffer.alloc(0));
    }
  });

  test.each([
    ["bytes=5-9", 5, 9],
    ["bytes=5-", 5, layer.length - 1],
    ["bytes=-7", layer.length - 7, layer.length - 1],
    [`bytes=5-${layer.length * 2}`, 5, layer.length - 1],
    [`bytes=-${layer.length * 2}`, 0, layer.length - 1],
  ])("is given out in part: %s", async (range, start, end) => {
    const { ask } = await withImage();
    const answer = await ask("GET", `/v2/app/blobs/${sha256(layer)}`, { headers: { range } });
    expect(answer.status).toBe(206);
    expect(answer.headers["content-range"]).toBe(`bytes ${start}-${end}/${layer.length}`);
    expect(answer.bytes).toEqual(layer.subarray(start, end + 1));
  });

  test.each(["bytes=500-0", `bytes=${layer.length}-`, "bytes=-0"])("has no such part: %s", async (range) => {
    const { ask } = await withImage();
    const answer = await ask("GET", `/v2/app/blobs/${sha256(layer)}`, { headers: { range } });
    expect(answer.status).toBe(416);
    expect(answer.headers["content-range"]).toBe(`bytes */${layer.length}`);
  });

  test.each(["lines=1-2", "bytes=x-2", "bytes=1-2,4-5"])(
    "is given out whole for a range we don't know: %s",
    async (range) => {
      const { ask } = await withImage();
      const answer = await ask("GET", `/v2/app/blobs/${sha256(layer)}`, { headers: { range } });
      expect([answer.status, answer.bytes.length]).toEqual([200, layer.length]);
    },
  );

  test("is in the repositories whose images are made of it, and in no other", async () => {
    const { ask, root } = await withImage();
    await loadArchive(root, makeLayout([tarOf([{ name: "other" }])], { name: "localhost/other:v1" }).directory);
    const unknown = { status: 404, code: "BLOB_UNKNOWN" };
    expect(await ask("GET", `/v2/other/blobs/${sha256(layer)}`)).toMatchObject(unknown);
    expect(await ask("HEAD", `/v2/none/blobs/${sha256(layer)}`)).toMatchObject({ status: 404 });
    expect(await ask("GET", `/v2/app/blobs/${sha256("x")}`)).toMatchObject(unknown);
    expect(await ask("GET", "/v2/app/blobs/sha256:x")).toMatchObject({ status: 400, code: "DIGEST_INVALID" });
  });

  test("outside of the store is none", async () => {
    const { ask } = await withImage();
    for (const name of ["..", "../..", "%2e%2e", "..%2f..", "sha256:..%2F..%2Findex.json", "%00", "%zz"]) {
      expect([400, 404], name).toContain((await ask("GET", `/v2/app/blobs/${name}`)).status);
    }
  });
});

describe("names", () => {
  test.each([
    ["localhost/app:v1", ["app", "localhost/app"]],
    ["docker.io/library/app:v1", ["app", "library/app", "docker.io/library/app"]],
    ["docker.io/team/app:v1", ["team/app", "docker.io/team/app"]],
    ["quay.io/team/app:v1", ["quay.io/team/app"]],
    ["localhost:5000/app:v1", ["app"]],
    ["127.0.0.1:5000/app:v1", ["app"]],
    ["example.org:8443/app:v1", ["example.org/app"]],
  ])("%s is served as %j", async (name, repositories) => {
    const { ask } = await withImage(name);
    for (const repository of repositories) {
      expect((await ask("GET", `/v2/${repository}/manifests/v1`)).status, repository).toBe(200);
    }
    expect((await ask("GET", "/v2/_catalog")).json()).toEqual({ repositories: [repositories[0]] });
  });

  test("one that is localhost's comes before one of the same tag from elsewhere", async () => {
    const { ask, root, manifest } = await withImage();
    await loadArchive(root, makeLayout([tarOf([])], { name: "docker.io/library/app:v1" }).directory);
    expect((await ask("HEAD", "/v2/app/manifests/v1")).headers["docker-content-digest"]).toBe(manifest);
  });
});

describe("lists", () => {
  const TAGS = ["B", "a", "b", "c", "v1"];

  async function withTags(): Promise<Served> {
    const registry = await withImage();
    const { root, manifest } = registry;
    const entry = { mediaType: MEDIA.MANIFEST, digest: manifest, size: readFileSync(blobPath(root, manifest)).length };
    for (const tag of ["c", "a", "B", "b"]) changeIndex(root, (all) => nameEntry(all, entry, `localhost/app:${tag}`));
    return registry;
  }

  test("of tags are sorted by their bytes", async () => {
    const { ask } = await withTags();
    expect((await ask("GET", "/v2/app/tags/list")).json()).toEqual({ name: "app", tags: TAGS });
  });

  test.each([
    ["n=2", ["B", "a"]],
    ["n=2&last=a", ["b", "c"]],
    ["last=b", ["c", "v1"]],
    ["last=bb", ["c", "v1"]],
    ["n=9&last=v1", []],
    ["n=0", []],
  ])("of tags come in parts: %s", async (query, tags) => {
    const { ask } = await withTags();
    expect((await ask("GET", `/v2/app/tags/list?${query}`)).json()).toEqual({ name: "app", tags });
  });

  test("say where they go on, until they don't", async () => {
    const { ask } = await withTags();
    const seen: string[] = [];
    for (let path: string | undefined = "/v2/app/tags/list?n=2"; path !== undefined; ) {
      const answer = await ask("GET", path);
      seen.push(...(answer.json() as { tags: string[] }).tags);
      path = /^<(.*)>; rel="next"$/.exec(String(answer.headers.link ?? ""))?.[1];
    }
    expect(seen).toEqual(TAGS);
    expect((await ask("GET", "/v2/app/tags/list?n=0")).headers.link).toBeUndefined();
  });

  test("want a whole number, and a repository that is there", async () => {
    const { ask } = await withTags();
    expect((await ask("GET", "/v2/app/tags/list?n=some")).status).toBe(400);
    expect(await ask("GET", "/v2/none/tags/list")).toMatchObject({ status: 404, code: "NAME_UNKNOWN" });
  });
});

test("what can't be done here is refused with what can", async () => {
  const { ask } = await withImage();
  const answer = await ask("PATCH", "/v2/app/tags/list");
  expect(answer).toMatchObject({ status: 405, code: "UNSUPPORTED" });
  expect(answer.headers.allow).toBe("GET, HEAD");
  expect((await ask("GET", "/v1/")).status).toBe(404);
});

test("each request is told once, when it is over", async () => {
  const { ask, told } = await withImage();
  await ask("GET", "/v2/app/tags/list");
  await ask("HEAD", "/v2/app/manifests/none");
  expect(told).toMatchObject([
    { method: "GET", url: "/v2/app/tags/list", status: 200, client: "127.0.0.1" },
    { method: "HEAD", url: "/v2/app/manifests/none", status: 404 },
  ]);
});
