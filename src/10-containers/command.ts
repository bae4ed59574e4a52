// The last step: execve. A command without a slash is looked for in $PATH, and that search is itself a row of execve
// calls, the first of which that succeeds never returns (execvp(3) does the same).

import { type Errno, execveStep, type Step } from "../01-syscalls/index.ts";
import type { Process } from "./spec/oci.ts";

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const NOT_HERE: Errno[] = ["ENOENT", "ENOTDIR", "EACCES"];

export function commandSteps({ args = [], env = [] }: Process): Step[] {
  const places = placesOf({ args, env });
  return places.map((path, index) => {
    const last = index === places.length - 1;
    const why = last ? "become the command" : "become the command, if it is here";
    return execveStep({ path, argv: args, env, why, ...(!last && { allow: NOT_HERE }) });
  });
}

/** Where the command may be, in the order of looking. */
export function placesOf({ args: [command = ""] = [], env = [] }: Pick<Process, "args" | "env">): string[] {
  // In every folder there is a file of no name: the folder.
  if (command.includes("/") || command === "") return [command];
  const path = env.find((line) => line.startsWith("PATH="))?.slice("PATH=".length) ?? DEFAULT_PATH;
  return path.split(":").map((folder) => `${folder || "."}/${command}`);
}
