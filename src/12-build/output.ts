// Where the result of a build goes, if not into the store: its files into a folder or an archive, or the image as an archive
// for other programs.

import { mkdirSync } from "node:fs";
import { UserError } from "../01-syscalls/index.ts";
import { openRoot } from "../02-rootfs/index.ts";
import { createOutputFile, type Descriptor, type OutputFile } from "../06-images/index.ts";
import { writeArchive } from "../06-images/save-archive.ts";
import type { TarSink } from "../06-images/tar.ts";
import { TarPacker } from "../06-images/tar-pack.ts";
import { lent } from "../10-containers/copy/descriptors.ts";
import type { Look } from "./deed.ts";
import { placeInto } from "./place.ts";
import { Walk } from "./walk.ts";

export type OutputType = "image" | "local" | "tar" | "oci" | "docker";

export interface Output {
  type: OutputType;
  /** A path; `-` is standard output. None for `image`. */
  destination: string;
}

const TYPES: OutputType[] = ["image", "local", "tar", "oci", "docker"];

/** `type=local,dest=out`; a path alone is a folder, and `-` an archive to standard output. Throws UserError. */
export function parseOutput(text: string): Output {
  if (!text.includes("="))
    return text === "-" ? { type: "tar", destination: "-" } : { type: "local", destination: text };
  const fields = new Map(text.split(",").map((field) => splitField(field)));
  const stray = [...fields.keys()].find((key) => !["type", "dest", "tar"].includes(key));
  if (stray !== undefined) throw new UserError(`unknown output attribute ${JSON.stringify(stray)} in ${text}`);
  const type = TYPES.find((known) => known === fields.get("type"));
  if (!type)
    throw new UserError(`unsupported output type ${JSON.stringify(fields.get("type") ?? "")}: ${TYPES.join(", ")}`);
  const destination = fields.get("dest") ?? (type === "local" || type === "image" ? "" : "-");
  if (type === "local" && destination === "") throw new UserError("dest is required for local output");
  if (type === "local" && destination === "-") throw new UserError("dest cannot be stdout for local output");
  return { type, destination };
}

function splitField(field: string): [string, string] {
  const [key = ""] = field.split("=", 1);
  return [key.trim(), field.slice(key.length + 1)];
}

/** What there is to be written. */
export interface Result {
  root: string;
  entry: Descriptor;
  /** Full ones. */
  names: string[];
  /** Its files. */
  look: Look;
  /** Where standard output goes. */
  stdout: (bytes: Buffer) => void;
}

/** All but `image`. Throws UserError; a file is whole or not there. */
export function writeOutput({ type, destination }: Output, result: Result): void {
  if (type === "local") writeFolder(destination, result.look);
  else if (type === "tar") toFile(destination, result, (write) => writeTar(result.look, write));
  else toFile(destination, result, (write) => writeArchive(result.root, [result], write));
}

function writeFolder(destination: string, look: Look): void {
  mkdirSync(destination, { recursive: true });
  const placing = (folder: number) => placeInto(folder, {});
  lent(openRoot(destination), (folder) => {
    const sink = placing(folder);
    sink.place(() => tellAll(look, sink));
  });
}

function writeTar(look: Look, write: (bytes: Buffer) => void): void {
  const packer = new TarPacker(write);
  tellAll(look, packer);
  packer.end();
}

function tellAll(look: Look, sink: TarSink): void {
  look((root) => new Walk(sink).tellContents(root, "", ""));
}

function toFile(path: string, { stdout }: Result, work: (write: (bytes: Buffer) => void) => void): void {
  const output: OutputFile = path === "-" ? toStdout(stdout) : createOutputFile(path);
  try {
    work((bytes) => output.write(bytes));
    output.publish();
  } finally {
    output.close();
  }
}

function toStdout(write: (bytes: Buffer) => void): OutputFile {
  return { write: (bytes) => write(bytes as Buffer), publish: () => {}, close: () => {} };
}
