// Where `COPY` takes files from. Whatever it is, it tells them as entries of an archive: once to find out whether they are
// the same as ever (fingerprint.ts), and if they are not, once more to be placed.

import { closeSync, fstatSync, statSync } from "node:fs";
import { posix } from "node:path";
import { O } from "../01-syscalls/index.ts";
import { type BytePath, toBytePath, toText } from "../05-overlay/index.ts";
import { draftPath } from "../06-images/durable.ts";
import { entryOf } from "../06-images/file-entry.ts";
import type { TarSink } from "../06-images/tar.ts";
import type { TarEntry } from "../06-images/tar-header.ts";
import { lent, openFrom, pathFrom, WITHIN } from "../10-containers/copy/descriptors.ts";
import { archiveKind, piecesOfFile, readTar, startOf } from "./archive.ts";
import type { Surroundings } from "./deed.ts";
import type { Ignored } from "./ignore.ts";
import { LineMistake } from "./mistake.ts";
import { isPattern, type Selected, select, tellSelected } from "./select.ts";
import { nameOf } from "./url.ts";
import { below, type Judge } from "./walk.ts";

/** One thing that a source stands for. */
export interface Item {
  /** Its own last name; empty for the root itself. */
  name: BytePath;
  /** From where the source was looked for. */
  path: BytePath;
  /** Its contents are told, and not itself. */
  isDirectory: boolean;
  /** A directory on the way to it, or itself, as an entry; undefined where there are none. */
  directory?(path: BytePath): TarEntry;
}

export interface Target {
  /** What the item is called from now on: a file's name, or the directory for contents. */
  nameFor(item: Item): BytePath;
  sink: TarSink;
  /** Takes what archives hold, which has owners and modes of its own; `sink` unless said. */
  asIs?: TarSink;
  /** `--exclude`. */
  excluded: Ignored;
}

export interface CopySource {
  /** As the image's history has it. */
  shown: string;
  /** Key of the snapshot that it is part of. */
  from?: string;
  /** Before it is told for the first time. */
  ready?(): Promise<void>;
  /** Before it is told to be placed. */
  prepare?(): Promise<void>;
  /** False if there is nothing. */
  tell(target: Target): boolean;
}

// ---- the context

/** A path or pattern of the context; `unpacks` archives, as ADD does. */
export function contextSource(pattern: string, around: Surroundings, unpacks: boolean): CopySource {
  const { context, draftFolder } = around;
  const judge: Judge = (path) => context.ignored.judge(toText(path));
  const archives = new Map<BytePath, string>();
  return {
    shown: pattern,
    async prepare() {
      const files = unpacks ? select(context.root, pattern, judge).filter(({ isDirectory }) => !isDirectory) : [];
      for (const { path } of files) await unpackFrom(context.root, path, archives, draftFolder);
    },
    tell(target) {
      const unpacked = { archives, sink: target.asIs ?? target.sink };
      return tellAll({ root: context.root, pattern, judge, target: owned(target), unpacked });
    },
  };
}

/** Files of the context are nobody's. */
function owned(target: Target): Target {
  const nameFor = (item: Item) => {
    const { directory } = item;
    return target.nameFor(directory ? { ...item, directory: (path) => rootsOwn(directory(path)) } : item);
  };
  return { ...target, nameFor, sink: new Owned(target.sink) };
}

function rootsOwn(entry: TarEntry): TarEntry {
  return { ...entry, uid: 0, gid: 0 };
}

class Owned implements TarSink {
  private readonly sink: TarSink;

  constructor(sink: TarSink) {
    this.sink = sink;
  }

  entry(entry: TarEntry): void {
    this.sink.entry(rootsOwn(entry));
  }

  content(piece: Buffer): void {
    this.sink.content(piece);
  }

  done(): void {
    this.sink.done();
  }
}

async function unpackFrom(
  root: number,
  path: BytePath,
  archives: Map<BytePath, string>,
  folder: string,
): Promise<void> {
  const fd = openFrom(root, path, O.RDONLY | O.NONBLOCK, WITHIN.root);
  try {
    if (!fstatSync(fd).isFile() || archiveKind(startOf(pathFrom(fd))) === undefined) return;
    const { unpackedTo } = await import("./unpack-archive.ts");
    const draft = draftPath(folder);
    if (await unpackedTo(pathFrom(fd), draft)) archives.set(path, draft);
  } finally {
    closeSync(fd);
  }
}

interface Tree {
  root: number;
  pattern: string;
  judge: Judge;
  target: Target;
  /** Archives by their paths, and who is told of what is in them. */
  unpacked?: { archives: Map<BytePath, string>; sink: TarSink };
}

/** A pattern may match nothing; a path that leads nowhere is a mistake. */
function tellAll({ root, pattern, judge, target, unpacked }: Tree): boolean {
  const found = select(root, pattern, judge);
  for (const selected of found) {
    const archive = unpacked?.archives.get(selected.path);
    if (archive === undefined) tellOne(root, selected, judge, target);
    else tellArchive(archive, selected, { ...target, sink: unpacked!.sink });
  }
  return found.length > 0 || pattern.split("/").some(isPattern);
}

function tellOne(root: number, selected: Selected, judge: Judge, target: Target): void {
  const { path, real, isDirectory } = selected;
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (!isDirectory && isExcluded(target.excluded, path, name)) return;
  const narrowed: Judge = (inner) => {
    const relative = real === "" ? inner : inner.slice(real.length + 1);
    return isExcluded(target.excluded, inner, relative) ? "look" : judge(inner);
  };
  const directory = (on: BytePath) => directoryAt(root, on);
  const as = target.nameFor({ name, path, isDirectory, directory });
  tellSelected(root, selected, { sink: target.sink, judge: narrowed, as });
}

function directoryAt(root: number, path: BytePath): TarEntry {
  return lent(openFrom(root, path, O.PATH | O.DIRECTORY, WITHIN.root), (fd) => {
    return entryOf(fstatSync(fd, { bigint: true }), "directory", path);
  });
}

/** Patterns are meant from the source on; a path from the root may be written as well. */
function isExcluded(excluded: Ignored, path: BytePath, relative: BytePath): boolean {
  return excluded.isIgnored(toText(relative)) || excluded.isIgnored(toText(path));
}

function tellArchive(archive: string, { path }: Selected, target: Target): void {
  const as = target.nameFor({ name: "", path, isDirectory: true });
  readTar(archive, new Below(target.sink, { as, archive: path }));
}

/** An archive's names, from a directory on. */
class Below implements TarSink {
  private readonly sink: TarSink;
  private readonly as: BytePath;
  private readonly archive: BytePath;

  constructor(sink: TarSink, { as, archive }: { as: BytePath; archive: BytePath }) {
    this.sink = sink;
    this.as = as;
    this.archive = archive;
  }

  entry(entry: TarEntry): void {
    const linkName = entry.type === "link" ? this.below(entry.linkName) : entry.linkName;
    this.sink.entry({ ...entry, name: this.below(entry.name), linkName });
  }

  /** `a/../b` is `b`; `../b` would be outside. */
  private below(name: BytePath): BytePath {
    const clean = posix.normalize(name);
    if (clean !== ".." && !clean.startsWith("../")) return below(this.as, clean);
    const [archive, inner] = [this.archive, name].map((each) => JSON.stringify(toText(each)));
    throw new LineMistake(`the archive ${archive} holds ${inner}, which would lie outside of where it is unpacked`);
  }

  content(piece: Buffer): void {
    this.sink.content(piece);
  }

  done(): void {
    this.sink.done();
  }
}

// ---- stages and images

/** A path or pattern in another stage, or in an image. */
export async function stageSource(pattern: string, name: string, around: Surroundings): Promise<CopySource> {
  const snapshot = await around.snapshot(name);
  let lend: <T>(work: (root: number) => T) => T;
  return {
    shown: pattern,
    from: snapshot.key,
    async ready() {
      lend = await around.looking(snapshot);
    },
    tell: (target) => lend((root) => tellAll({ root, pattern, judge: () => "take", target })),
  };
}

// ---- files that are not there yet

/** A here-document of the Dockerfile. */
export function inlineSource(name: string, text: string): CopySource {
  const content = Buffer.from(text);
  return fileSource(name, () => ({ size: content.length, pieces: [content], mode: 0o644, mtimeNs: 0n }));
}

/** Known by its checksum, if that is given; else it has to be fetched to know it. */
export function urlSource(url: string, checksum: string | undefined, around: Surroundings): CopySource {
  let fetched: { path: string; mtimeNs: bigint } | undefined;
  const fetching = async () => {
    const { draftFolder: folder, signal } = around;
    // Loaded only here: most builds fetch nothing.
    const { download } = await import("./download.ts");
    fetched ??= await download({ url, checksum, folder, signal });
  };
  const source = fileSource(nameOf(url) || "download", () => {
    // Until then its checksum stands for it.
    const known = Buffer.from(checksum ?? "");
    const file = fetched ? piecesOf(fetched.path) : { size: known.length, pieces: [known] };
    return { ...file, mode: 0o600, mtimeNs: fetched?.mtimeNs ?? 0n };
  });
  const known = checksum === undefined ? {} : { from: checksum };
  return { ...source, ...known, shown: url, ...(checksum === undefined && { ready: fetching }), prepare: fetching };
}

interface NewFile {
  size: number;
  pieces: Iterable<Buffer>;
  mode: number;
  mtimeNs: bigint;
}

function piecesOf(path: string): Pick<NewFile, "size" | "pieces"> {
  return { size: statSync(path).size, pieces: piecesOfFile(path) };
}

function fileSource(name: string, read: () => NewFile): CopySource {
  return {
    shown: posix.basename(name),
    tell({ nameFor, sink }) {
      const { pieces, size, ...attributes } = read();
      const as = nameFor({ name: toBytePath(name), path: toBytePath(name), isDirectory: false });
      const numbers = { uid: 0, gid: 0, size, major: 0, minor: 0 };
      sink.entry({ type: "file", name: as, linkName: "", ...attributes, ...numbers, xattrs: new Map() });
      for (const piece of pieces) if (piece.length > 0) sink.content(piece);
      sink.done();
      return true;
    },
  };
}
