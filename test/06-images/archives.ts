// Archives and image layouts made by hand, good ones and bad ones: nothing here checks what it is asked to write.

import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Header } from "tar/header";
import { onTestFinished } from "vitest";
import { type ImageConfig, MEDIA } from "../../src/06-images/index.ts";
import { removeTree } from "../../src/06-images/remove-tree.ts";

/** A folder that is removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "images-"));
  // An ordinary user may have made directories that he may not write to.
  onTestFinished(() => removeTree(folder));
  return folder;
}

export interface Written {
  name: string;
  /** One letter: `0` a file, `1` hard link, `2` symbolic link, `3` `4` devices, `5` directory, `6` fifo. */
  type?: "0" | "1" | "2" | "3" | "4" | "5" | "6" | "S" | "V";
  content?: string | Buffer;
  link?: string;
  mode?: number;
  uid?: number;
  gid?: number;
  mtime?: number;
  major?: number;
  minor?: number;
  /** Claims another size than the content's. */
  size?: number;
  /** The field as it stands in the header: twelve bytes. */
  sizeField?: Buffer;
  pax?: Record<string, string | Buffer>;
}

const BLOCK = 512;
const padded = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);

/** A tar archive of the entries, with the closing zeros unless told otherwise. */
export function tarOf(entries: Written[], { end = true } = {}): Buffer {
  return Buffer.concat([...entries.map(entryOf), Buffer.alloc(end ? 2 * BLOCK : 0)]);
}

function entryOf({ pax, ...entry }: Written): Buffer {
  const content = Buffer.from(entry.content ?? "");
  const before = pax ? [block({ name: "pax", type: "x", size: paxOf(pax).length }), padded(paxOf(pax))] : [];
  return Buffer.concat([...before, block({ size: content.length, ...entry }), padded(content)]);
}

function paxOf(pax: Record<string, string | Buffer>): Buffer {
  return Buffer.concat(
    Object.entries(pax).map(([key, value]) => {
      const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from("\n")]);
      const digits = String(rest.length + String(rest.length + 3).length).length;
      return Buffer.concat([Buffer.from(String(rest.length + digits)), rest]);
    }),
  );
}

function block(entry: Omit<Written, "type" | "pax"> & { type?: string }): Buffer {
  const { name, type = "0", link, mode = 0o644, uid = 0, gid = 0, size = 0, mtime = 1_700_000_000 } = entry;
  const bytes = Buffer.alloc(BLOCK);
  const numbers = { devmaj: entry.major ?? 0, devmin: entry.minor ?? 0 };
  new Header({ path: "x", mode, uid, gid, size, mtime: new Date(mtime * 1000), type: "File", ...numbers }).encode(
    bytes,
  );
  bytes.fill(0, 0, 100).write(name, 0, 100, "latin1");
  bytes.write(type, 156, "latin1");
  if (entry.sizeField) bytes.set(entry.sizeField, 124);
  if (link !== undefined) bytes.write(link, 157, 100, "latin1");
  bytes.fill(32, 148, 156);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return bytes;
}

export function sha256(bytes: Buffer | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export interface Layout {
  directory: string;
  manifest: string;
  config: string;
  layers: string[];
}

interface LayoutOptions {
  /** The name its index gives the image; null for none. */
  name?: string | null;
  /** Compresses each layer, and says as what. */
  pack?: (layer: Buffer) => Buffer;
  mediaType?: string;
  config?: Partial<ImageConfig>;
  docker?: boolean;
  /** Where to make it; a folder of the test's own unless said. */
  folder?: string;
}

/** An OCI layout with one image of these layers, lowest first. */
export function makeLayout(layers: Buffer[], options: LayoutOptions = {}): Layout {
  const { name = "latest", pack = (layer) => layer, mediaType = MEDIA.LAYER, docker = false } = options;
  const directory = join(options.folder ?? temporaryFolder(), "app");
  mkdirSync(join(directory, "blobs/sha256"), { recursive: true });
  const put = (content: Buffer | object, mediaType: string) => {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
    const digest = sha256(bytes);
    writeFileSync(join(directory, "blobs/sha256", digest.slice(7)), bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const rootfs = { type: "layers", diff_ids: layers.map(sha256) };
  const platform = { architecture: process.arch === "arm64" ? "arm64" : "amd64", os: "linux" };
  const config = put({ ...platform, ...options.config, rootfs }, docker ? MEDIA.DOCKER_CONFIG : MEDIA.CONFIG);
  const packed = layers.map((layer) => put(pack(layer), mediaType));
  const type = docker ? MEDIA.DOCKER_MANIFEST : MEDIA.MANIFEST;
  const manifest = put({ schemaVersion: 2, mediaType: type, config, layers: packed }, type);
  const annotations = name === null ? {} : { annotations: { "org.opencontainers.image.ref.name": name } };
  writeFileSync(join(directory, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  writeIndex(directory, [{ ...manifest, ...annotations }]);
  return { directory, manifest: manifest.digest, config: config.digest, layers: packed.map(({ digest }) => digest) };
}

export function writeIndex(directory: string, manifests: object[]): void {
  writeFileSync(join(directory, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
}

/** An archive as `docker save` writes it. */
export function dockerArchive(
  tags: string[] | null,
  layers: Buffer[],
  changed: Partial<Record<string, Buffer>> = {},
): Buffer {
  const config = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    config: { Cmd: ["sh"] },
    rootfs: { type: "layers", diff_ids: layers.map(sha256) },
  });
  const path = `${sha256(config).slice(7)}.json`;
  const files: Record<string, Buffer> = { [path]: Buffer.from(config) };
  const names = layers.map((layer, index) => {
    const name = `${String(index).repeat(64)}/layer.tar`;
    files[name] = changed[`layer${index}`] ?? layer;
    return name;
  });
  files["manifest.json"] = Buffer.from(JSON.stringify([{ Config: path, RepoTags: tags, Layers: names }]));
  return tarOf(Object.entries(files).map(([name, content]) => ({ name, content: changed[name] ?? content })));
}
