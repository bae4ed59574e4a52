// A file that a person asked for by name, and that is whole or not there. Until it is whole it has no name at all
// (open(2), O_TMPFILE), so if we are killed the kernel takes it away; only to take the place of another file, it has one
// beside it for a moment. Filesystems that can't do that get a draft with a name.

import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { AT, O, performOne, randomBytes, step, UserError } from "../01-syscalls/index.ts";

export interface OutputFile {
  write(bytes: Uint8Array): void;
  /** All is written: the file takes its name. */
  publish(): void;
  /** To be called at the end, whatever happened. */
  close(): void;
}

/** Throws UserError where there can be no such file. */
export function createOutputFile(path: string): OutputFile {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) throw new UserError(`invalid output path: ${JSON.stringify(path)} is a directory`);
  if (!statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory()) {
    throw new UserError(`invalid output path: directory ${JSON.stringify(dirname(path))} does not exist`);
  }
  // A pipe, or /dev/null: nothing takes its place.
  if (there && !there.isFile()) return new Output(openSync(path, "w"), () => {});
  return namelessFile(path, there !== undefined) ?? namedFile(path);
}

class Output implements OutputFile {
  private fd: number;
  private readonly name: (fd: number) => void;
  private readonly discard: () => void;

  constructor(fd: number, name: (fd: number) => void, discard = () => {}) {
    this.fd = fd;
    this.name = name;
    this.discard = discard;
  }

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at);
  }

  publish(): void {
    this.name(this.fd);
  }

  close(): void {
    if (this.fd >= 0) closeSync(this.fd);
    this.fd = -1;
    this.discard();
  }
}

/** Undefined where the filesystem has no files without names. */
function namelessFile(path: string, isThere: boolean): OutputFile | undefined {
  const fd = openNameless(dirname(path));
  if (fd === undefined) return undefined;
  return new Output(fd, () => {
    fsyncSync(fd);
    const name = isThere ? draftOf(path) : path;
    linkDescriptor(fd, name);
    if (isThere) renameSync(name, path);
  });
}

function openNameless(folder: string): number | undefined {
  try {
    return openSync(folder, O.TMPFILE | O.DIRECTORY | O.WRONLY, 0o600);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["EOPNOTSUPP", "ENOTSUP", "EISDIR", "ENOENT", "EINVAL"].includes(code)) return undefined;
    throw error;
  }
}

/** linkat(2): what the link in /proc leads to, and not that link, gets the name. */
function linkDescriptor(fd: number, path: string): void {
  const args = [AT.FDCWD, `/proc/self/fd/${fd}`, AT.FDCWD, path, AT.SYMLINK_FOLLOW];
  performOne(step("linkat", args, { why: "the file is whole and takes its name" }));
}

function namedFile(path: string): OutputFile {
  const draft = draftOf(path);
  const publish = (fd: number) => {
    fsyncSync(fd);
    renameSync(draft, path);
  };
  return new Output(openSync(draft, "wx", 0o600), publish, () => rmSync(draft, { force: true }));
}

function draftOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}`);
}
