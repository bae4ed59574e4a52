// Programs of others, as they are installed here.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** Every one of that name, in the order in which a shell finds them. */
export function findPrograms(name: string): string[] {
  const folders = (process.env.PATH ?? "").split(":");
  return folders.map((folder) => join(folder, name)).filter((path) => existsSync(path));
}

/** Its path, if it is installed. */
export function findProgram(name: string): string | undefined {
  return findPrograms(name)[0];
}

export function programPath(name: string): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error("not installed");
  return path;
}

/** What it prints. Throws its last line where it fails. */
export function output(within: string[], argv: string[], env = process.env): string {
  const [program = "", ...args] = [...within, ...argv];
  const { stdout, stderr, status, error } = spawnSync(program, args, { encoding: "utf8", env });
  if (error) throw error;
  if (status !== 0) throw new Error(stderr.trim().split("\n").at(-1) || `status ${status}`);
  return stdout.trim();
}
