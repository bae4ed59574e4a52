// `cp`: files into a container and out of it, or an archive of them. Whoever copies is told the files as entries of an
// archive (walk-tree.ts) and makes files of them on the other side (place-tree.ts), or writes them down as they are.

import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { UserError } from "../../01-syscalls/index.ts";
import { toBytePath } from "../../05-overlay/index.ts";
import { TarReader } from "../../06-images/tar.ts";
import { TarPacker } from "../../06-images/tar-pack.ts";
import { containerEvent } from "../container-events.ts";
import type { Roots } from "../folders.ts";
import { inRoot } from "../root.ts";
import { mappedOwner, optionsIn, outsideOwner, ownOwner, refuseOwnUsers, rootOwner } from "./copy-owners.ts";
import { type Destination, placementOf, type TypedPath, typedPath } from "./copy-rules.ts";
import { ContainerSide, HostSide, type Side } from "./copy-sides.ts";
import { lent, pathFrom, WITHIN } from "./descriptors.ts";
import { FilePlacer } from "./place-file.ts";
import { type PlaceOptions, TreePlacer } from "./place-tree.ts";
import { TreeWalk } from "./walk-tree.ts";

export interface CopyRequest {
  container: string;
  /** In the container; from its root, whatever it begins with. */
  inside: string;
  /** `-a`: files keep their owners, as numbers. */
  keepOwners: boolean;
  /** `-L`: if the source is a link, what it leads to. */
  followLink: boolean;
  onWarning?: (warning: string) => void;
}

/** To the path `host`, absolute. Returns how many bytes were copied. Throws UserError. */
export function copyOut(roots: Roots, request: CopyRequest, host: string): Promise<number> {
  return inRoot(roots, request.container, (root, container) => {
    const from = new ContainerSide(root, container);
    const onLeftOut = (name: string) => request.onWarning?.(`${name} is a device of the container: left out`);
    const options = { ownerOf: request.keepOwners ? outsideOwner(container) : undefined, devices: false, onLeftOut };
    const paths = { source: insidePath(request.inside), destination: typedPath(host) };
    const bytes = copy({ from, to: new HostSide(), ...paths, options, follow: request.followLink });
    containerEvent(container, "archive-path");
    return bytes;
  });
}

/** From the path `host`, absolute. Returns how many bytes were copied. Throws UserError. */
export function copyIn(roots: Roots, request: CopyRequest, host: string): Promise<number> {
  return inRoot(roots, request.container, (root, container) => {
    refuseOwnUsers(container);
    const to = new ContainerSide(root, container);
    const ownerOf = request.keepOwners ? ownOwner : rootOwner(container);
    const paths = { source: typedPath(host), destination: insidePath(request.inside) };
    const bytes = copy({ from: new HostSide(), to, ...paths, options: optionsIn(ownerOf), follow: request.followLink });
    containerEvent(container, "extract-to-dir");
    return bytes;
  });
}

/** As a tar archive, to `write`. */
export function packOut(roots: Roots, request: CopyRequest, write: (bytes: Buffer) => void): Promise<void> {
  return inRoot(roots, request.container, (root, container) => {
    const side = new ContainerSide(root, container);
    const source = insidePath(request.inside);
    const packer = new TarPacker(write);
    lent(side.source(source, request.followLink), (fd) => {
      const isDirectory = fstatSync(fd).isDirectory();
      if (source.mustBeDirectory && !isDirectory) throw new UserError(`${source.path} is not a directory`);
      new TreeWalk(packer, { leftOut: side.kernelFilesystems(fd) }).tell(
        fd,
        source.isContents ? "." : toBytePath(source.name),
      );
    });
    packer.end();
    containerEvent(container, "archive-path");
  });
}

/** A tar archive, in pieces, unpacked into a directory of the container. Files have the owners that the archive says. */
export function unpackIn(roots: Roots, request: CopyRequest, pieces: Iterable<Buffer>): Promise<void> {
  return inRoot(roots, request.container, (root, container) => {
    refuseOwnUsers(container);
    const side = new ContainerSide(root, container);
    const { path } = insidePath(request.inside);
    requireDirectory(side, request);
    // Archives name what is behind a link of the container's, such as /var/run: so links count, as seen from its root.
    const ground = { fd: root, path: toBytePath(path.slice(1)), resolve: WITHIN.root };
    const placer = new TreePlacer(ground, optionsIn(mappedOwner(container)));
    try {
      const reader = new TarReader(placer);
      for (const piece of pieces) reader.push(piece);
      reader.end();
      placer.finish();
    } finally {
      placer.close();
    }
    containerEvent(container, "extract-to-dir");
  });
}

function insidePath(text: string): TypedPath {
  if (text === "") throw new UserError("bad parameter: path cannot be empty");
  return typedPath(`/${text}`);
}

function requireDirectory(side: Side, { container, inside }: CopyRequest): void {
  const fd = side.find(insidePath(inside));
  const isDirectory = fd !== undefined && lent(fd, () => fstatSync(fd).isDirectory() && isWritable(side, fd));
  if (!isDirectory) throw new UserError(`destination "${container}:${inside}" must be a directory`);
}

function isWritable(side: Side, fd: number): true {
  side.requireWritable(fd);
  return true;
}

// ---- from one side to the other

interface Copy {
  from: Side;
  source: TypedPath;
  follow: boolean;
  to: Side;
  destination: TypedPath;
  options: PlaceOptions;
}

function copy(wish: Copy): number {
  const { from, source, follow, to, destination } = wish;
  return lent(from.source(source, follow), (fd) => {
    const found = to.find(destination);
    try {
      return copyTo(wish, fd, found);
    } finally {
      if (found !== undefined) closeSync(found);
    }
  });
}

function copyTo({ from, source, to, destination, options }: Copy, fd: number, found: number | undefined): number {
  const isDirectory = fstatSync(fd).isDirectory();
  const placement = placementOf({ ...source, isDirectory }, { ...destination, kind: kindOf(found) });
  const leftOut = from instanceof ContainerSide ? from.kernelFilesystems(fd) : undefined;
  if (placement.in === "parent") {
    return lent(to.parent(destination), (parent) => placeTree(parent, to, options, { fd, leftOut, as: placement.as }));
  }
  if (placement.in === "directory") return placeTree(found!, to, options, { fd, leftOut, as: placement.as });
  return placeFile(found!, to, options, fd);
}

function kindOf(fd: number | undefined): Destination["kind"] {
  if (fd === undefined) return "missing";
  const stats = fstatSync(fd);
  return stats.isDirectory() ? "directory" : stats.isFile() ? "file" : "other";
}

interface Told {
  fd: number;
  /** The name it gets; undefined for its contents. */
  as: string | undefined;
  leftOut: Set<bigint> | undefined;
}

function placeTree(directory: number, to: Side, options: PlaceOptions, { fd, as, leftOut }: Told): number {
  to.requireWritable(directory);
  const placer = new TreePlacer({ fd: directory, path: "", resolve: WITHIN.strict }, options);
  try {
    const walk = new TreeWalk(placer, { leftOut });
    if (as === undefined) walk.tellContents(fd, "");
    else walk.tell(fd, toBytePath(as));
    placer.finish();
    return walk.bytes;
  } finally {
    placer.close();
  }
}

function placeFile(found: number, to: Side, options: PlaceOptions, fd: number): number {
  to.requireWritable(found);
  const file = openSync(pathFrom(found), constants.O_WRONLY | constants.O_TRUNC);
  return lent(file, () => {
    const walk = new TreeWalk(new FilePlacer(file, options));
    walk.tell(fd, "");
    return walk.bytes;
  });
}
