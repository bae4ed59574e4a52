// Makes every name in an image layout fit again, after somebody has changed its layer.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const folder = process.argv[2];
const digestOf = (bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const pathOf = (digest) => `${folder}/blobs/${digest.replace(":", "/")}`;

function blob(bytes) {
  writeFileSync(pathOf(digestOf(bytes)), bytes);
  return { digest: digestOf(bytes), size: bytes.length };
}

const read = (digest) => readFileSync(pathOf(digest));
const index = JSON.parse(readFileSync(`${folder}/index.json`));
const manifest = JSON.parse(read(index.manifests[0].digest));
const config = JSON.parse(read(manifest.config.digest));

const layer = read(manifest.layers[0].digest);
config.rootfs.diff_ids = [digestOf(layer)];
Object.assign(manifest.layers[0], blob(layer));
Object.assign(manifest.config, blob(Buffer.from(JSON.stringify(config))));
Object.assign(index.manifests[0], blob(Buffer.from(JSON.stringify(manifest))));
writeFileSync(`${folder}/index.json`, JSON.stringify(index));
