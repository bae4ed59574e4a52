// What a build starts from: the context, a folder whose files COPY may take, and in it the Dockerfile. It may be a folder
// of the host, an archive that comes from standard input or a URL, or nothing but a Dockerfile that does.

import { closeSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { O, UserError } from "../01-syscalls/index.ts";
import { openInRoot, openRoot } from "../02-rootfs/index.ts";
import { lent, pathFrom, WITHIN } from "../10-containers/copy/descriptors.ts";
import { TreePlacer } from "../10-containers/copy/place-tree.ts";
import { readTar } from "./archive.ts";
import { Ignored } from "./ignore.ts";
import { sourceOf } from "./lines.ts";
import type { Source } from "./mistake.ts";
import { isUrl } from "./url.ts";

export interface ContextRequest {
  /** A folder, `-` for standard input, or an http address. */
  where: string;
  /** `-f`; `-` is standard input. */
  dockerfile: string | undefined;
  stdin: AsyncIterable<Buffer>;
  /** Where what isn't a folder is unpacked. */
  draftFolder: string;
  signal: AbortSignal;
}

export interface BuildContext {
  /** The folder, and a descriptor of it. */
  folder: string;
  root: number;
  ignored: Ignored;
  source: Source;
  close(): void;
}

/** Throws UserError where there is no such context, or no Dockerfile in it. */
export async function openContext(request: ContextRequest): Promise<BuildContext> {
  const { where, dockerfile } = request;
  if (where === "-" && dockerfile === "-")
    throw new UserError("invalid argument: can't use stdin for both build context and dockerfile");
  if (where !== "-" && !isUrl(where)) return contextOf(request, resolve(where), dockerfile);
  const folder = join(request.draftFolder, "context");
  mkdirSync(folder, { recursive: true });
  const received = where === "-" ? await receive(request) : await fetched(request);
  const { unpackedTo } = await import("./unpack-archive.ts");
  if (await unpackedTo(received, `${received}.tar`)) unpack(`${received}.tar`, folder);
  else renameSync(received, join(folder, "Dockerfile"));
  return contextOf({ ...request, where: folder }, folder, dockerfile, true);
}

async function fetched({ where, draftFolder, signal }: ContextRequest): Promise<string> {
  const { download } = await import("./download.ts");
  const { path } = await download({ url: where, folder: draftFolder, signal });
  return path;
}

async function receive({ stdin, draftFolder }: ContextRequest): Promise<string> {
  const path = join(draftFolder, "received");
  writeFileSync(path, "");
  for await (const piece of stdin) writeFileSync(path, piece, { flag: "a" });
  if (statSync(path).size > 0) return path;
  throw new UserError("the build context from standard input is empty");
}

function unpack(archive: string, folder: string): void {
  const fd = openRoot(folder);
  const placer = new TreePlacer({ fd, path: "", resolve: WITHIN.strict }, { devices: false });
  try {
    readTar(archive, placer);
    placer.finish();
  } finally {
    placer.close();
    closeSync(fd);
  }
}

async function contextOf(
  request: ContextRequest,
  folder: string,
  dockerfile: string | undefined,
  isReceived = false,
): Promise<BuildContext> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UserError(`unable to prepare context: path ${JSON.stringify(request.where)} not found`);
  }
  const root = openRoot(folder);
  try {
    const { name, text, ignore } =
      dockerfile === "-" ? await fromInput(request) : readDockerfile(root, dockerfile, isReceived);
    if (text.trim() === "") throw new UserError(`the Dockerfile (${name}) cannot be empty`);
    const ignored = new Ignored(ignoreLines(ignore ?? textIn(root, ".dockerignore") ?? ""));
    return { folder, root, ignored, source: sourceOf(name, text), close: () => closeSync(root) };
  } catch (error) {
    closeSync(root);
    throw error;
  }
}

interface Read {
  name: string;
  text: string;
  /** The text of the .dockerignore that is this Dockerfile's alone, if it has one. */
  ignore: string | undefined;
}

async function fromInput({ stdin }: ContextRequest): Promise<Read> {
  const pieces: Buffer[] = [];
  for await (const piece of stdin) pieces.push(piece);
  return { name: "Dockerfile", text: Buffer.concat(pieces).toString(), ignore: undefined };
}

/** `-f` is a path of the host, or else one of the context. What was received knows nothing of the host. */
function readDockerfile(root: number, given: string | undefined, isReceived: boolean): Read {
  const path = given === undefined || isReceived ? undefined : resolve(given);
  const text = path === undefined ? undefined : textOf(path);
  if (given !== undefined && text !== undefined) return { name: given, text, ignore: textOf(`${path}.dockerignore`) };
  const inside = given ?? "Dockerfile";
  const found = textIn(root, inside);
  if (found !== undefined)
    return { name: basename(inside), text: found, ignore: textIn(root, `${inside}.dockerignore`) };
  throw new UserError(`failed to read dockerfile: open ${inside}: no such file or directory`);
}

function ignoreLines(text: string): string[] {
  return text.replace(/^\uFEFF/, "").split(/\r?\n/);
}

function textOf(path: string): string | undefined {
  return existsSync(path) && statSync(path).isFile() ? readFileSync(path, "utf8") : undefined;
}

/** Whoever made the context may have put a link there; it leads nowhere outside. */
function textIn(root: number, path: string): string | undefined {
  try {
    return lent(openInRoot(root, path, O.RDONLY | O.NONBLOCK), (fd) => readFileSync(pathFrom(fd), "utf8"));
  } catch {
    return undefined;
  }
}
