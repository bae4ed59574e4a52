// Where only root can do it, this very program is started again as root: by its whole name, since `sudo` has a PATH of its
// own, in which a Node of a version manager isn't. What it then writes into a person's folders stays theirs (owner.ts).

import { spawnSync } from "node:child_process";
import { UserError } from "../01-syscalls/index.ts";

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The exit code of `mini-docker argv` as root. Throws UserError where nobody can become root. */
export function asRoot(argv: string[]): number {
  const [command, ...words] = commandAsRoot(argv);
  const { status, error } = spawnSync(command!, words, { stdio: "inherit" });
  if (error) throw new UserError("there is no sudo here", { hint: "become root in your own way, and call it again" });
  return status ?? 1;
}

/** As it could be typed. */
export function commandAsRoot(argv: string[]): string[] {
  return ["sudo", "--", process.execPath, "--", process.argv[1] ?? "", ...argv];
}
