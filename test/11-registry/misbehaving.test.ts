import { readFileSync, rmSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { collectGarbage, findImage, MEDIA, unpackImage } from "../../src/06-images/index.ts";
import { makeLayout, sha256, tarOf } from "../06-images/archives.ts";
import { HASTE, puller } from "./pulling.ts";
import { type Content, refuse, type SmallRegistry, serve } from "./small-registry.ts";

/** Bytes that don't compress: enough of them for several pieces. */
const noise = Buffer.concat(
  Array.from({ length: 10_000 }, (_, index) => Buffer.from(sha256(`${index}`).slice(7), "hex")),
);
const tar = tarOf([
  { name: "hello", content: "from a registry" },
  { name: "noise", content: noise },
]);
const packed = { pack: gzipSync, mediaType: MEDIA.LAYER_GZIP };

async function registryWith(...layers: Buffer[]) {
  const layout = makeLayout(layers.length > 0 ? layers : [tar], packed);
  return { layout, registry: await serve(layout), ...puller() };
}

async function hello(root: string, name: string): Promise<string> {
  const directories = await unpackImage(root, (await findImage(root, name))!);
  return readFileSync(join(directories.at(-1)!, "hello"), "utf8");
}

/** Half of what it should be, and then the connection is gone. */
function breakOff(response: ServerResponse, { bytes }: Content, from = 0): void {
  response.writeHead(200, { "Content-Length": bytes.length - from });
  response.write(bytes.subarray(from, (from + bytes.length) / 2), () => response.destroy());
}

const flipped = (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1)! ^ 1])]);

const blobsAsked = ({ asked }: SmallRegistry, digest: string) =>
  asked.filter((line) => line.includes(digest)).map((line) => line.replace(/^GET \S+ ?/, ""));

describe("what breaks is mended:", () => {
  test("a connection that ends in the middle of a layer, by asking for the rest", async () => {
    const { layout, registry, pull, root, told } = await registryWith();
    let times = 0;
    registry.instead(/blobs/, (_, response, content) => (times++ === 1 ? breakOff(response, content!) : false));
    await pull(`${registry.host}/app`);
    expect(await hello(root, `${registry.host}/app`)).toBe("from a registry");
    expect(blobsAsked(registry, layout.layers[0]!)).toEqual(["", expect.stringMatching(/^bytes=\d{4,}-$/)]);
    expect(told).toContainEqual({ is: "retrying", inMs: expect.any(Number) });
  });

  test("and where ranges aren't understood, by skipping what came already", async () => {
    const { registry, pull, root } = await registryWith();
    let times = 0;
    registry.instead(/blobs/, (request, response, content) => {
      if (times++ === 1) return breakOff(response, content!);
      delete request.headers.range;
      return false;
    });
    await pull(`${registry.host}/app`);
    expect(await hello(root, `${registry.host}/app`)).toBe("from a registry");
  });

  test.each([500, 502, 503, 504, 408])("a moment of %i", async (status) => {
    const { registry, pull } = await registryWith();
    const bad = new Map<string, number>();
    registry.instead(/./, ({ url = "" }, response) => {
      bad.set(url, (bad.get(url) ?? 0) + 1);
      return bad.get(url)! <= 2 ? refuse(response, status, "UNKNOWN", "a bad moment") : false;
    });
    await expect(pull(`${registry.host}/app`)).resolves.toMatchObject({ isNew: true });
  });

  test("too many requests, by waiting for as long as it wishes", async () => {
    const { registry, pull, told } = await registryWith();
    let times = 0;
    registry.instead(/blobs/, (_, response) =>
      times++ === 1 ? refuse(response, 429, "TOOMANYREQUESTS", "slow down", { "Retry-After": "0.05" }) : false,
    );
    registry.instead(/manifests/, (_, response) =>
      registry.asked.length === 2
        ? refuse(response, 429, "TOOMANYREQUESTS", "slow down", { "Retry-After": "0" })
        : false,
    );
    await pull(`${registry.host}/app`);
    expect(told).toContainEqual({ is: "retrying", inMs: expect.any(Number) });
  });

  test("one who says nothing any more, and one who says next to nothing", async () => {
    const { layout, registry, pull, root } = await registryWith();
    let times = 0;
    registry.instead(new RegExp(layout.layers[0]!), (_, response, content) => {
      times++;
      if (times > 2) return false;
      response.writeHead(200, { "Content-Length": content!.bytes.length }).flushHeaders();
      if (times === 1) return true;
      let at = 0;
      const drip = setInterval(() => response.write(content!.bytes.subarray(at, ++at)), 50);
      return response.once("close", () => clearInterval(drip));
    });
    await pull(`${registry.host}/app`);
    expect(blobsAsked(registry, layout.layers[0]!)).toEqual(["", "", expect.stringMatching(/^bytes=\d+-$/)]);
    expect(await hello(root, `${registry.host}/app`)).toBe("from a registry");
  });
});

describe("what doesn't get better is an error, and the store is as it was:", () => {
  const send = (response: ServerResponse, bytes: Buffer, headers = {}) =>
    response.writeHead(200, { "Content-Length": bytes.length, ...headers }).end(bytes);
  const manifestOf = (value: object, type: string = MEDIA.MANIFEST): Content => ({
    type,
    bytes: Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, ...value })),
  });

  const cases: [string, (registry: SmallRegistry, layout: ReturnType<typeof makeLayout>) => void, RegExp][] = [
    [
      "a layer of another digest",
      (registry, { layers }) =>
        registry.instead(new RegExp(layers[0]!), (_, response, content) => send(response, flipped(content!.bytes))),
      /filesystem layer verification failed for digest sha256:/,
    ],
    [
      "a config of another digest",
      (registry, { config }) =>
        registry.instead(new RegExp(config), (_, response, content) => send(response, flipped(content!.bytes))),
      /verification failed for digest sha256:/,
    ],
    [
      "a layer that is longer, as it says at once",
      (registry, { layers }) =>
        registry.instead(new RegExp(layers[0]!), (_, response, content) =>
          send(response, Buffer.concat([content!.bytes, Buffer.from("more")])),
        ),
      /has \d+ bytes, says its image; the registry sends \d+/,
    ],
    [
      "a layer that is longer, without saying so",
      (registry, { layers }) =>
        registry.instead(new RegExp(layers[0]!), (_, response, content) => {
          response.write(content!.bytes);
          response.end("more");
        }),
      /says its image; the registry sends more/,
    ],
    [
      "a layer that always ends too soon",
      (registry, { layers }) =>
        registry.instead(new RegExp(layers[0]!), (_, response, content) => breakOff(response, content!)),
      /Get "http:.*": connection reset by peer|Get "http:.*": aborted/,
    ],
    [
      "a layer that ends too soon as if that were all",
      (registry, { layers }) =>
        registry.instead(new RegExp(layers[0]!), (_, response) => response.writeHead(200).end("short")),
      /unexpected EOF: 5 of \d+ bytes/,
    ],
    [
      "a range that wasn't asked for",
      (registry, { layers }) => {
        let times = 0;
        registry.instead(new RegExp(layers[0]!), (_, response, content) =>
          times++ === 0
            ? breakOff(response, content!)
            : response.writeHead(206, { "Content-Range": "bytes 1-2/3" }).end("xx"),
        );
      },
      /was asked for bytes from \d+ on, and sent bytes 1-2\/3/,
    ],
    [
      "a circle of redirects",
      (registry) =>
        registry.instead(/blobs/, ({ url = "" }, response) => response.writeHead(307, { Location: `${url}x` }).end()),
      /redirects again and again/,
    ],
    [
      "a redirect to nowhere",
      (registry) => registry.instead(/blobs/, (_, response) => response.writeHead(302, { Location: "ftp://x/" }).end()),
      /redirects to what is no address: ftp:/,
    ],
    [
      "a registry in pieces",
      (registry) => registry.instead(/manifests/, (_, response) => refuse(response, 500, "UNKNOWN", "all is lost")),
      /unknown: all is lost/,
    ],
    [
      "one who wants us to wait for an hour",
      (registry) =>
        registry.instead(/manifests/, (_, response) =>
          refuse(response, 429, "TOOMANYREQUESTS", "you have reached your pull rate limit", { "Retry-After": "3600" }),
        ),
      /toomanyrequests: you have reached your pull rate limit/,
    ],
    [
      "a manifest that is too large, as it says",
      (registry) =>
        registry.instead(/manifests/, (_, response) =>
          response.writeHead(200, { "Content-Type": MEDIA.MANIFEST, "Content-Length": 5 << 20 }).write("{"),
        ),
      /the manifest is too large: more than 4 MiB/,
    ],
    [
      "a manifest without an end",
      (registry) =>
        registry.instead(/manifests/, (_, response) => {
          response.writeHead(200, { "Content-Type": MEDIA.MANIFEST });
          const more = () => {
            while (response.write(" ".repeat(1 << 16)));
          };
          response.on("drain", more);
          more();
        }),
      /the manifest is too large/,
    ],
    [
      "a manifest of another digest than asked for",
      (registry, { layers }) => {
        const image = { mediaType: MEDIA.MANIFEST, digest: sha256("another"), size: 7, platform: linux("amd64") };
        registry.manifests.latest = manifestOf({ manifests: [image] }, MEDIA.INDEX);
        registry.manifests[image.digest] = manifestOf({ layers });
      },
      /manifest verification failed for digest sha256:/,
    ],
    [
      "a page for people in place of a manifest",
      (registry) => {
        registry.manifests.latest = { type: "text/html; charset=utf-8", bytes: Buffer.from('"<html>"') };
      },
      /unsupported manifest media type and no default available: text\/html/,
    ],
    [
      "what is no JSON",
      (registry) => {
        registry.manifests.latest = { type: MEDIA.MANIFEST, bytes: Buffer.from("<html>") };
      },
      /the manifest is not valid JSON/,
    ],
    [
      "a manifest that says that it is an index",
      (registry) => {
        registry.manifests.latest = { ...manifestOf({ manifests: [] }, MEDIA.INDEX), type: MEDIA.MANIFEST };
      },
      /the manifest says that it is .*index.*, the registry that it is .*manifest/,
    ],
    [
      "a manifest from before there were digests",
      (registry) => {
        const type = "application/vnd.docker.distribution.manifest.v1+prettyjws";
        registry.manifests.latest = { type, bytes: Buffer.from('{"schemaVersion":1}') };
      },
      /unsupported manifest media type.*v1\+prettyjws/,
    ],
    [
      "an index inside of an index",
      (registry) => {
        const inner = manifestOf({ manifests: [] }, MEDIA.INDEX);
        const digest = sha256(inner.bytes);
        const entry = { mediaType: MEDIA.INDEX, digest, size: inner.bytes.length, platform: linux("amd64") };
        registry.manifests = { latest: manifestOf({ manifests: [entry] }, MEDIA.INDEX), [digest]: inner };
      },
      /is an index inside of an index/,
    ],
    [
      "an image for other machines only",
      (registry, { manifest }) => {
        const entry = { mediaType: MEDIA.MANIFEST, digest: manifest, size: 1, platform: linux("s390x") };
        registry.manifests.latest = manifestOf({ manifests: [entry] }, MEDIA.INDEX);
      },
      /no matching manifest for linux\/amd64 in the manifest list entries/,
    ],
    [
      "what isn't an image at all",
      (registry, { layers }) => {
        const config = { mediaType: "application/vnd.cncf.helm.config.v1+json", digest: layers[0], size: 1 };
        registry.manifests.latest = manifestOf({ config, layers: [] });
      },
      /is no image: its config is application\/vnd\.cncf\.helm/,
    ],
    [
      "a config that knows of other layers",
      (registry, { config }) => {
        const { bytes } = registry.manifests.latest!;
        const manifest = JSON.parse(bytes.toString());
        registry.manifests.latest = manifestOf({ config: manifest.config, layers: [] });
        expect(manifest.config.digest).toBe(config);
      },
      /is damaged: it has 0 layers, its config 1/,
    ],
  ];

  test.each(cases)("%s", async (_, spoil, message) => {
    const { layout, registry, pull, files } = await registryWith();
    spoil(registry, layout);
    const pulled = pull(`${registry.host}/app`);
    await expect(pulled).rejects.toMatchObject({ message: expect.stringMatching(message) });
    await expect(pulled).rejects.toHaveProperty("hint");
    const kept = files().filter((path) => !path.startsWith("partial/") && !path.startsWith("images/blobs"));
    expect(kept).toEqual([]);
    // And nothing stands in the way of a registry that mends its ways.
    const good = await serve(layout);
    registry.instead(/./, ({ url }, response) =>
      response.writeHead(307, { Location: `http://${good.host}${url}` }).end(),
    );
    await expect(pull(`${registry.host}/app`)).resolves.toMatchObject({ isNew: true });
  });
});

test("one who wants us to wait for an hour is asked once", async () => {
  const { registry, pull } = await registryWith();
  registry.instead(/manifests/, (_, response) =>
    refuse(response, 429, "TOOMANYREQUESTS", "later", {
      "Retry-After": new Date(Date.now() + 3_600_000).toUTCString(),
    }),
  );
  await expect(pull(`${registry.host}/app`)).rejects.toThrow("toomanyrequests: later");
  expect(registry.asked).toEqual(["GET /v2/", "GET /v2/app/manifests/latest"]);
});

const linux = (architecture: string) => ({ os: "linux", architecture });

describe("a pull that is stopped", () => {
  test("leaves what came; the next one asks for the rest", async () => {
    const { layout, registry, pull, files, root } = await registryWith();
    const stop = new AbortController();
    registry.instead(new RegExp(layout.layers[0]!), (_, response, content) => {
      response.writeHead(200, { "Content-Length": content!.bytes.length });
      response.write(content!.bytes.subarray(0, 100_000), () => setTimeout(() => stop.abort(), 50));
    });
    await expect(pull(`${registry.host}/app`, { signal: stop.signal, stallMs: 5000 })).rejects.toThrow("aborted");
    const left = files().filter((path) => !path.startsWith("images/blobs/"));
    expect(left).toEqual([`partial/${layout.layers[0]!.replace(":", "-")}`]);

    registry.instead(/./, () => false);
    registry.instead(new RegExp(layout.layers[0]!), () => false);
    const good = await serve(layout);
    registry.instead(/blobs/, ({ url }, response) =>
      response.writeHead(307, { Location: `http://${good.host}${url}` }).end(),
    );
    await pull(`${registry.host}/app`);
    expect(blobsAsked(good, layout.layers[0]!)).toEqual(["bytes=100000-"]);
    expect(await hello(root, `${registry.host}/app`)).toBe("from a registry");
  });

  test("stops unpacking, too, and leaves half a layer no more than half an image", async () => {
    const { registry, pull, files, root } = await registryWith(tarOf([{ name: "a", content: Buffer.alloc(8 << 20) }]));
    await pull(`${registry.host}/app`);
    for (const folder of ["layers", "layers-ownerless"]) rmSync(join(root, folder), { recursive: true, force: true });
    const stop = new AbortController();
    const onLayer = () => stop.abort();
    await expect(pull(`${registry.host}/app`, { signal: stop.signal, onLayer })).rejects.toThrow("aborted");
    expect(files().filter((path) => /^(layers|tmp|partial)/.test(path))).toEqual([]);
  });

  test("goes on from the beginning where what came is wrong", async () => {
    const { layout, registry, pull, root } = await registryWith();
    const stop = new AbortController();
    let times = 0;
    registry.instead(new RegExp(layout.layers[0]!), (_, response, content) => {
      if (times++ > 0) return false;
      response.writeHead(200, { "Content-Length": content!.bytes.length });
      return response.write(flipped(content!.bytes.subarray(0, 100_000)), () => setTimeout(() => stop.abort(), 50));
    });
    await expect(pull(`${registry.host}/app`, { signal: stop.signal, stallMs: 5000 })).rejects.toThrow("aborted");
    await pull(`${registry.host}/app`);
    expect(blobsAsked(registry, layout.layers[0]!)).toEqual(["", "bytes=100000-", ""]);
    expect(await hello(root, `${registry.host}/app`)).toBe("from a registry");
  });
});

test("what is thrown away meanwhile is nothing of an image that is coming", async () => {
  const { registry, pull, root } = await registryWith(tarOf([{ name: "below", content: "x" }]), tar);
  registry.instead(/blobs/, () => {
    expect(collectGarbage(root)).toEqual([]);
    return false;
  });
  await pull(`${registry.host}/app`);
  collectGarbage(root);
  expect(await hello(root, `${registry.host}/app`)).toBe("from a registry");
});

test("two pulls of one image at the same time fetch each layer once", async () => {
  const { layout, registry, pull } = await registryWith(tar, tarOf([{ name: "hello", content: "second" }]), tar);
  const both = await Promise.all([pull(`${registry.host}/app`), pull(`${registry.host}/app:latest`)]);
  expect(both.map(({ digest }) => digest)).toEqual([layout.manifest, layout.manifest]);
  for (const digest of layout.layers) expect(blobsAsked(registry, digest)).toEqual([""]);
});

test("who we are is told to the registry, and not to where it sends us on", async () => {
  const { layout, registry, pull } = await registryWith();
  const elsewhere = await serve(layout);
  registry.instead(/./, ({ headers }, response) =>
    headers.authorization ? false : response.writeHead(401, { "WWW-Authenticate": 'Basic realm="x"' }).end(),
  );
  registry.instead(/blobs/, ({ url, headers }, response) =>
    headers.authorization ? response.writeHead(307, { Location: `http://${elsewhere.host}${url}` }).end() : false,
  );
  await pull(`${registry.host}/app`, { ...HASTE, credentials: { username: "student", password: "secret" } });
  const sent = `Basic ${Buffer.from("student:secret").toString("base64")}`;
  expect(registry.authorizations).toContain(sent);
  expect(elsewhere.asked).toHaveLength(2);
  expect(elsewhere.authorizations).toEqual([undefined, undefined]);
});
