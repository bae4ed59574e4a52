// `export`: a container's files as one archive, as it would see them with nothing mounted. What is mounted somewhere is no
// file of the container's: the archive has the folder or the empty file that it is mounted on, as in Docker.

import { isOverlayXattr } from "../05-overlay/index.ts";
import { directoryAttributesIn } from "../06-images/attributes.ts";
import type { TarSink } from "../06-images/tar.ts";
import type { TarEntry } from "../06-images/tar-header.ts";
import { TarPacker } from "../06-images/tar-pack.ts";
import type { Container } from "./container.ts";
import { containerEvent } from "./container-events.ts";
import { insideOwner, rootOwner } from "./copy/copy-owners.ts";
import { TreeWalk } from "./copy/walk-tree.ts";
import type { Roots } from "./folders.ts";
import { inRoot } from "./root.ts";

/** Gives `write` the archive. Of a container that runs meanwhile, each file is as it is when its turn comes. */
export function exportContainer(roots: Roots, name: string, write: (bytes: Buffer) => void): Promise<void> {
  return inRoot(roots, name, (root, container) => {
    const packer = new TarPacker(write);
    const walk = new TreeWalk(seenInside(packer, container), { xattrs: true, inPlaceOfMounts: mountPoint(container) });
    walk.tellContents(root, "");
    packer.end();
    containerEvent(container, "export");
  });
}

/** Owners are those that the container knows; overlay's marks mean nothing elsewhere, nor do SELinux's labels. */
function seenInside(sink: TarSink, container: Container): TarSink {
  const ownerOf = insideOwner(container);
  const isOurs = ([name]: [string, Buffer]) => !isOverlayXattr(name) && name !== "security.selinux";
  return {
    entry: (entry) => sink.entry({ ...entry, ...ownerOf(entry), xattrs: new Map([...entry.xattrs].filter(isOurs)) }),
    content: (piece) => sink.content(piece),
    done: () => sink.done(),
  };
}

/** What is below a mount can't be seen from inside; but an image's folders are in its layers. */
function mountPoint(container: Container): (mounted: TarEntry) => TarEntry {
  const { record, folder } = container;
  const places = typeof record.rootfs === "object" ? [] : [folder.upper, ...record.layers.toReversed()];
  const made = { ...rootOwner(container)(), mtimeNs: BigInt(Date.parse(record.created)) * 1_000_000n };
  return (mounted) => {
    const mode = mounted.type === "directory" ? 0o755 : 0o644;
    const isFolder = mounted.type === "directory";
    const known = isFolder ? places.map((place) => directoryAttributesIn(place, mounted.name)) : [];
    return { ...mounted, mode, ...made, ...known.find((attributes) => attributes !== undefined) };
  };
}
