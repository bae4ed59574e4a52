// What a lab sees of the machine: programs and libraries, Node, and this engine. All of it read-only, at its own place.

import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { isIdmappable } from "../../03-namespaces/index.ts";
import type { MountOption } from "../../10-containers/spec/options.ts";
import { packageFolder } from "../package-folder.ts";

/** Of the machine's, whatever of them is there. Debian's programs lead through /etc/alternatives. */
const SYSTEM = ["/usr", "/lib", "/lib32", "/lib64", "/etc/alternatives"];

/**
 * Each a mount that can't be written to. Of the machine's files the lab's root reads what everybody may; ours and `own`,
 * the student's, as who owns them, where files can be shown so.
 */
export function viewsOf(own: readonly string[]): MountOption[] {
  const owned = [folderWithPackages(), ...own];
  const folders = [...owned, ...SYSTEM, ourNode()].filter((path) => existsSync(path));
  return [...new Set(folders)].filter(isOnlyOne).map((path) => seen(path, owned.includes(path)));
}

/** The words that call this engine, in there as out here. */
export function engineCommand(): string[] {
  return [process.execPath, "--", join(packageFolder(), PROGRAM)];
}

function seen(path: string, isOwned: boolean): MountOption {
  const idmap = isOwned && process.getuid?.() === 0 && isIdmappable(path);
  return { type: "bind", source: path, target: path, readOnly: true, idmap };
}

/** What lies in another one is seen with that. */
function isOnlyOne(path: string, _: number, all: string[]): boolean {
  return !all.some((other) => other !== path && path.startsWith(`${other}/`));
}

/** This Node, if it isn't the machine's own. The program alone: it may lie in a folder of somebody's, with much else. */
function ourNode(): string {
  return realpathSync(process.execPath);
}

const PROGRAM = "dist/mini-docker.js";

/** With what we depend on, which is installed in our folder or beside it. */
function folderWithPackages(): string {
  const own = packageFolder();
  const at = own.indexOf("/node_modules/");
  return at < 0 ? own : own.slice(0, at + "/node_modules".length);
}
