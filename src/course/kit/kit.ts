// One folder for a class without a network: the package with all it needs, the image that containers are made of, the book,
// and the sums of all of it.

import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { UserError } from "../../01-syscalls/index.ts";
import { giveToOwner } from "../owner.ts";
import { packTarball } from "./tarball.ts";
import { INSTALL, README } from "./texts.ts";

export interface KitParts {
  /** Writes the image `base` to this file. */
  writeBase(path: string): Promise<void>;
  /** Writes the book into this folder; undefined where it isn't built. */
  writeBook: ((folder: string) => void) | undefined;
}

/** The files it is made of, as paths in it. Throws UserError for a folder that has something in it. */
export async function makeKit(given: string, { writeBase, writeBook }: KitParts): Promise<string[]> {
  const folder = resolve(given);
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new UserError(`${folder} is not empty`);
  mkdirSync(folder, { recursive: true });
  packTarball(folder);
  await writeBase(join(folder, "base.tar"));
  writeBook?.(join(folder, "book"));
  writeFileSync(join(folder, "install.sh"), INSTALL);
  writeFileSync(join(folder, "README.txt"), README);
  const files = filesIn(folder);
  writeFileSync(join(folder, "SHA256SUMS"), files.map((path) => sumLine(folder, path)).join(""));
  for (const path of ["", ...everythingIn(folder)]) {
    openToAll(join(folder, path));
    giveToOwner(join(folder, path));
  }
  return [...files, "SHA256SUMS"];
}

function filesIn(folder: string): string[] {
  return everythingIn(folder, "file").sort();
}

function everythingIn(folder: string, kind?: "file"): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => kind === undefined || entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
}

/** A class installs from it as other users than the one who made it, whose umask may keep files to himself. */
function openToAll(path: string): void {
  const isProgram = statSync(path).isDirectory() || path.endsWith("/install.sh");
  chmodSync(path, isProgram ? 0o755 : 0o644);
}

/** As sha256sum reads it. */
function sumLine(folder: string, path: string): string {
  const digest = createHash("sha256")
    .update(readFileSync(join(folder, path)))
    .digest("hex");
  return `${digest}  ${path}\n`;
}
