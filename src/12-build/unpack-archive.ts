// An archive without its compression, in a file beside it. What Node can't decompress, the program of that name does, if
// there is one. Loaded only where there is an archive: most builds have none.

import { spawn } from "node:child_process";
import { closeSync, createWriteStream, openSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { UserError } from "../01-syscalls/index.ts";
import { decompress, readPieces } from "../06-images/decompress.ts";
import { archiveKind, startOf } from "./archive.ts";

/**
 * Writes the archive at `path`, decompressed, to `to`. False if it is none: a compressed file that holds something else is
 * an ordinary file. Throws UserError for one that is damaged, or that nothing here can decompress.
 */
export async function unpackedTo(path: string, to: string): Promise<boolean> {
  const kind = archiveKind(startOf(path));
  if (kind === undefined) return false;
  const pieces = kind === "xz" || kind === "bzip2" ? through(kind, path) : decompress(readPieces(path));
  await pipeline(Readable.from(pieces), createWriteStream(to));
  return archiveKind(startOf(to)) === "none";
}

/** Given as standard input: the path may be a descriptor of ours. */
async function* through(program: string, path: string): AsyncGenerator<Buffer> {
  const input = openSync(path, "r");
  const child = spawn(program, ["-dc"], { stdio: [input, "pipe", "ignore"] });
  closeSync(input);
  const failed = new Promise<UserError | undefined>((resolve) => {
    child.once("error", () => resolve(new UserError(`${path} needs ${program}, which is not installed`)));
    child.once("close", (code) =>
      resolve(code === 0 ? undefined : new UserError(`${path} is damaged: ${program} says so`)),
    );
  });
  yield* child.stdout as AsyncIterable<Buffer>;
  const error = await failed;
  if (error) throw error;
}
