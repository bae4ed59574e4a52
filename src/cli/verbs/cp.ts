// `cp`: which side is the container's, and whether an archive goes in or comes out.

import { readSync } from "node:fs";
import { resolve } from "node:path";
import { UserError } from "../../01-syscalls/index.ts";
import { type CopyRequest, copyIn, copyOut, packOut, unpackIn } from "../../10-containers/copy/copy.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { boolean } from "../flags/values.ts";
import { warn, writeAll } from "../output.ts";
import { humanSize } from "../show/units.ts";

interface Asked {
  archive: boolean;
  followLink: boolean;
  quiet: boolean;
}

const cp = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-a, --archive", "", "Archive mode (copy all uid/gid information)", cp.one("archive", boolean)],
    ["-L, --follow-link", "", "Always follow symbol link in SRC_PATH", cp.one("followLink", boolean)],
    ["-q, --quiet", "", "Suppress what is printed to a terminal", cp.one("quiet", boolean)],
  ],
];

const SUMMARY = `Copy files/folders between a container and the local filesystem

One of the two is CONTAINER:PATH. '-' in the place of the other is a tar archive,
from standard input or to standard output. Without -a the copies belong to the
container's root, or to you.`;

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { archive: false, followLink: false, quiet: !process.stderr.isTTY };
  const line = { name: "cp", operands: ["<source>", "<destination>"], flags: FLAGS, asked, summary: SUMMARY };
  const words = readCommand(line, argv);
  if (words === undefined) return 0;
  const [source, destination] = [splitPath(words[0]!), splitPath(words[1]!)];
  if (source.container !== undefined && destination.container !== undefined) {
    throw new UserError("copying between containers is not supported");
  }
  if (source.container !== undefined) await out(roots, requestOf(source, asked), destination.path, asked);
  else if (destination.container !== undefined) await into(roots, requestOf(destination, asked), source.path, asked);
  else throw new UserError("must specify at least one container source");
  return 0;
}

interface Side {
  container: string | undefined;
  path: string;
}

/** `web:/etc` is in a container; what begins with `.` or `/` never is. */
function splitPath(word: string): Side {
  const [, container, path = ""] = /^([^./:][^:]*|):(.*)$/s.exec(word) ?? [];
  return container === undefined || container === "" ? { container: undefined, path: word } : { container, path };
}

function requestOf({ container = "", path }: Side, { archive, followLink }: Asked): CopyRequest {
  return { container, inside: path, keepOwners: archive, followLink, onWarning: warn };
}

async function out(roots: Roots, request: CopyRequest, host: string, asked: Asked): Promise<void> {
  if (host === "-" && process.stdout.isTTY) throw new UserError("cowardly refusing to copy to a terminal");
  if (host === "-") await packOut(roots, request, (bytes) => writeAll(1, bytes));
  else tell(await copyOut(roots, request, hostPath(host)), host, asked);
}

async function into(roots: Roots, request: CopyRequest, host: string, asked: Asked): Promise<void> {
  if (host === "-") await unpackIn(roots, request, standardInput());
  else tell(await copyIn(roots, request, hostPath(host)), `${request.container}:${request.inside}`, asked);
}

/** Absolute, with what its end says. */
function hostPath(path: string): string {
  const [end = ""] = /\/\.?$|^\.$/.exec(path) ?? [];
  return `${resolve(path)}${end === "." ? "/." : end}`;
}

const PIECE = 1 << 20;

function* standardInput(): Generator<Buffer> {
  const piece = Buffer.allocUnsafe(PIECE);
  for (let count = readInput(piece); count > 0; count = readInput(piece)) yield piece.subarray(0, count);
}

/** Waits where somebody who shares the pipe has made it non-blocking. */
function readInput(piece: Buffer): number {
  for (;;) {
    try {
      return readSync(0, piece);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function tell(bytes: number, where: string, { quiet }: Asked): void {
  if (!quiet) process.stderr.write(`Successfully copied ${humanSize(bytes, 3)} to ${where}\n`);
}
