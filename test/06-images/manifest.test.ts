import { describe, expect, test } from "vitest";
import { chainIds } from "../../src/06-images/config.ts";
import { digestOf, isDigest, parseDigest } from "../../src/06-images/digest.ts";
import { hostPlatform, MEDIA, parsePlatform } from "../../src/06-images/index.ts";
import { choosePlatform, parseIndex, parseManifest } from "../../src/06-images/manifest.ts";

const digest = `sha256:${"a".repeat(64)}`;
const image = (os: string, architecture: string, variant?: string) => ({
  mediaType: MEDIA.MANIFEST,
  digest: digestOf(`${os}/${architecture}/${variant}`),
  size: 1,
  platform: { os, architecture, ...(variant !== undefined && { variant }) },
});

describe("choosePlatform", () => {
  const manifests = [
    image("linux", "amd64"),
    image("linux", "arm", "v6"),
    image("linux", "arm", "v7"),
    image("linux", "arm64", "v8"),
  ];
  const index = { schemaVersion: 2 as const, mediaType: MEDIA.INDEX, manifests };

  test.each([
    ["linux/amd64", 0],
    ["x86_64", 0],
    ["linux/arm/v6", 1],
    ["linux/arm", 2],
    ["linux/arm64", 3],
    ["linux/aarch64/v8", 3],
  ])("%s", (wanted, at) => {
    expect(choosePlatform(index, parsePlatform(wanted))).toBe(manifests[at]);
  });

  test("says in Docker's words that there is none", () => {
    const choose = () => choosePlatform(index, parsePlatform("linux/s390x"));
    expect(choose).toThrow("no matching manifest for linux/s390x in the manifest list entries");
  });

  test("takes no attestation for an image", () => {
    const attested = {
      ...index,
      manifests: [image("unknown", "unknown"), { ...image("x", "y"), platform: undefined }],
    };
    const { platform: _, ...only } = image("x", "y");
    expect(
      choosePlatform({ ...attested, manifests: [attested.manifests[0]!, only] } as typeof index, hostPlatform()),
    ).toEqual(only);
  });

  test.each(["", "linux/", "/amd64", "a/b/c/d", "linux/../x"])("refuses the platform %j", (text) => {
    expect(() => parsePlatform(text)).toThrow("unknown operating system or architecture");
  });
});

describe("what is read from JSON", () => {
  const parse = (value: unknown) => () => parseManifest(Buffer.from(JSON.stringify(value)), "it");
  const whole = { config: { mediaType: "x", digest, size: 1 }, layers: [] };

  test("is a manifest, or an error that says what it is about", () => {
    expect(parse(whole)()).toEqual(whole);
    expect(parse({ ...whole, layers: {} })).toThrow("it is no image manifest");
    expect(parse({ ...whole, config: { ...whole.config, size: -0.5 } })).toThrow("it is no image manifest");
    expect(parse(null)).toThrow("it is not valid JSON");
    expect(() => parseIndex(Buffer.from("{"), "it")).toThrow("it is not valid JSON");
  });

  test("never makes a path of what is no digest", () => {
    for (const evil of ["sha256:../../etc/passwd", "sha256:", `sha256:${"A".repeat(64)}`, `md5:${"a".repeat(32)}`]) {
      expect(parse({ ...whole, layers: [{ mediaType: "x", digest: evil, size: 1 }] })).toThrow("invalid digest");
      expect(isDigest(evil)).toBe(false);
    }
    expect(parseDigest(digest)).toEqual({ algorithm: "sha256", hex: "a".repeat(64) });
  });
});

test("chainIds: one layer is named by itself, the next by both", () => {
  // From the OCI image specification: ChainID(L0|L1) = Digest(ChainID(L0) + " " + DiffID(L1)).
  const [first, second] = [digestOf("1"), digestOf("2")];
  expect(chainIds([first, second], digestOf)).toEqual([first, digestOf(`${first} ${second}`)]);
});
