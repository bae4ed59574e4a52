import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  changeIndex,
  findImage,
  hostPlatform,
  listImages,
  MEDIA,
  nameEntry,
  parseReference,
  unpackImage,
} from "../../src/06-images/index.ts";
import { pushImage } from "../../src/11-registry/index.ts";
import { type Layout, makeLayout, sha256, tarOf } from "../06-images/archives.ts";
import { needs } from "../support/needs.ts";
import { startRegistry } from "../support/registry.ts";
import { HASTE, puller } from "./pulling.ts";
import { blobIn, serve } from "./small-registry.ts";

const OTHER = { os: "linux", architecture: "s390x" };
const layerOf = (content: string) => tarOf([{ name: "hello", content }]);

/** One layout with an image for this machine, one for another, and perhaps what BuildKit says about them. */
function twoPlatforms(hasAbout: boolean) {
  const ours = makeLayout([layerOf("ours")], { config: hostPlatform() });
  const other = makeLayout([layerOf("other")], { config: OTHER });
  for (const digest of [other.manifest, other.config, ...other.layers]) {
    writeFileSync(join(ours.directory, "blobs", digest.replace(":", "/")), blobIn(other, digest));
  }
  const about = { mediaType: MEDIA.MANIFEST, digest: sha256("about"), size: 5 };
  const manifests = [
    ...(hasAbout ? [{ ...about, platform: { os: "unknown", architecture: "unknown" } }] : []),
    { ...entryOf(other, other.manifest), platform: OTHER },
    { ...entryOf(ours, ours.manifest), platform: hostPlatform() },
  ];
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA.INDEX, manifests }));
  return { ours, other, index };
}

const entryOf = (layout: Layout, digest: string) => ({
  mediaType: MEDIA.MANIFEST,
  digest,
  size: blobIn(layout, digest).length,
});

async function serveBoth({ hasAbout = true } = {}) {
  const { ours, other, index } = twoPlatforms(hasAbout);
  const registry = await serve(ours);
  registry.manifests = { latest: { type: MEDIA.INDEX, bytes: index } };
  return { ours, other, index, registry, name: `${registry.host}/app`, ...puller() };
}

async function hello(root: string, name: string): Promise<string> {
  const directories = await unpackImage(root, (await findImage(root, name))!);
  return readFileSync(join(directories.at(-1)!, "hello"), "utf8");
}

describe("of an image for several machines", () => {
  test("this machine's is pulled, and nothing else; the name stands for all of it", async () => {
    const { index, other, pull, registry, root, name } = await serveBoth();
    expect(await pull(name)).toMatchObject({ digest: sha256(index) });
    expect(await hello(root, name)).toBe("ours");
    expect(registry.asked.join()).not.toContain(other.manifest);
    expect(listImages(root)).toMatchObject([{ tag: "latest", digest: sha256(index) }]);
  });

  test("another one is pulled if it is asked for, and has the name then", async () => {
    const { other, pull, root, name } = await serveBoth();
    await pull(name, { platform: OTHER });
    expect(await hello(root, name)).toBe("other");
    expect(listImages(root)).toMatchObject([{ tag: "latest", digest: other.manifest, id: other.config }]);
    expect((await pull(name)).isNew).toBe(true);
    expect(await hello(root, name)).toBe("ours");
  });

  test("one that it isn't for can't be", async () => {
    const { pull, name } = await serveBoth();
    await expect(pull(name, { platform: { os: "linux", architecture: "mips" } })).rejects.toThrow(
      "no matching manifest for linux/mips in the manifest list entries",
    );
  });

  test("what is here is pushed: the one image, or all of it", needs("program:docker-registry"), async () => {
    const { ours, other, index, pull, root, name } = await serveBoth({ hasAbout: false });
    const real = await startRegistry();
    const target = `${real.host}/app:1`;
    const push = (options = {}) => pushImage({ root, state: root }, parseReference(target), { ...HASTE, ...options });
    await pull(name);
    changeIndex(root, (all) => nameEntry(all, all[0]!, target));
    expect((await push()).digest).toBe(ours.manifest);
    await expect(push({ platform: OTHER })).rejects.toThrow(`${target} was not pulled for linux/s390x`);

    await pull(name, { platform: OTHER });
    expect((await push()).digest).toBe(sha256(index));
    expect((await push({ platform: OTHER })).digest).toBe(other.manifest);
    await real.close();
  });
});

test("an image for another machine alone isn't what was asked for", async () => {
  const layout = makeLayout([layerOf("x")], { config: OTHER });
  const registry = await serve(layout);
  await expect(puller().pull(`${registry.host}/app`, { platform: hostPlatform() })).rejects.toThrow(
    /image with platform linux\/s390x does not match the requested platform linux\//,
  );
});

describe("a layer may be packed", () => {
  const zstd = (bytes: Buffer) =>
    execFileSync("zstd", ["-c"], { input: bytes, stdio: ["pipe", "pipe", "ignore"], maxBuffer: 1 << 24 });

  test.each([
    ["not at all", (bytes: Buffer) => bytes, MEDIA.LAYER, false],
    ["with gzip", gzipSync, MEDIA.LAYER_GZIP, false],
    ["with gzip, as Docker says it", gzipSync, MEDIA.DOCKER_LAYER, true],
    ["with zstd", zstd, MEDIA.LAYER_ZSTD, false],
  ])("%s", needs("program:zstd"), async (_, pack, mediaType, docker) => {
    const registry = await serve(makeLayout([layerOf("packed"), layerOf("packed twice")], { pack, mediaType, docker }));
    const { root, pull } = puller();
    await pull(`${registry.host}/app`);
    expect(await hello(root, `${registry.host}/app`)).toBe("packed twice");
  });
});

test("the same image under another name brings nothing but its manifest", async () => {
  const layout = makeLayout([layerOf("x")]);
  const registry = await serve(layout);
  registry.manifests["2"] = registry.manifests.latest!;
  const { pull, told } = puller();
  await pull(`${registry.host}/app`);
  registry.asked.length = 0;
  told.length = 0;
  await pull(`${registry.host}/app:2`);
  expect(registry.asked).toEqual(["GET /v2/", "GET /v2/app/manifests/2"]);
  expect(told).toEqual([{ is: "present" }]);
});
