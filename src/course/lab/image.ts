// An image of the machine's store, lent to a lab: its unpacked layers as read-only views where the engine in there looks for
// them, its manifest and config, and a list with its name. No other image is seen, and none is copied.

import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isIdmappable } from "../../03-namespaces/index.ts";
import { blobPath, type Image, keepsOwners, MEDIA, unpackImage } from "../../06-images/index.ts";
import { imagesFolder, REF_NAME } from "../../06-images/layout.ts";
import { layersFolder } from "../../06-images/unpack.ts";
import type { MountOption } from "../../10-containers/spec/options.ts";

export interface LentImage {
  mounts: MountOption[];
  /** Of the shell: writes what has to be written in there. */
  script: string;
}

/** Where the engine in a lab keeps its images. */
const STORE = "/var/lib/mini-docker";

/** Unpacks it first, where nobody has yet. Throws UserError. */
export async function lentImage(root: string, image: Image): Promise<LentImage> {
  const layers = await unpackImage(root, image);
  const blobs = [image.digest, image.id];
  return {
    mounts: [
      ...layers.map((layer) => lent(layer, layerInLab(layer))),
      ...blobs.map((digest) => lent(blobPath(root, digest), blobPath(STORE, digest))),
    ],
    script: `cat > ${join(imagesFolder(STORE), "index.json")} <<'END'\n${listOf(root, image)}\nEND\n`,
  };
}

function lent(source: string, target: string): MountOption {
  const idmap = process.getuid?.() === 0 && isIdmappable(source);
  return { type: "bind", source, target, readOnly: true, idmap };
}

/** `…/layers/HEX/diff` → the same in there, where files can't always have their owners. */
function layerInLab(layer: string): string {
  const owners = keepsOwners() && isIdmappable(layer);
  return join(layersFolder(STORE, owners), basename(dirname(layer)), basename(layer));
}

/** An OCI index of this image alone. */
function listOf(root: string, { digest, name }: Image): string {
  const path = blobPath(root, digest);
  const { mediaType = MEDIA.MANIFEST } = JSON.parse(readFileSync(path, "utf8")) as { mediaType?: string };
  const annotations = name === undefined ? {} : { annotations: { [REF_NAME]: name } };
  const manifests = [{ mediaType, digest, size: statSync(path).size, ...annotations }];
  return JSON.stringify({ schemaVersion: 2, manifests });
}
