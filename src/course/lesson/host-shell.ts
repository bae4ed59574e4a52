// A shell outside of the lab, as whoever runs us. It says the same in every language and knows the program by its name,
// also where it isn't installed.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { packageFolder } from "../package-folder.ts";
import type { StartShell } from "./shell.ts";

export const startHostShell: StartShell = async (onOutput) => {
  const env = { ...process.env, LANG: "C", LC_ALL: "C", NO_COLOR: "1" };
  const child = spawn("sh", [], { cwd: "/", env, stdio: ["pipe", "pipe", "pipe"] });
  child.stdout.on("data", onOutput);
  child.stderr.on("data", onOutput);
  // It may have ended before it has read everything.
  child.stdin.on("error", () => {});
  const program = join(packageFolder(), "dist/mini-docker.js");
  child.stdin.write(`alias mini-docker='"${process.execPath}" -- "${program}"'\n`);
  return {
    write: (text) => void child.stdin.write(text),
    end: () => void child.stdin.end(),
    kill: () => void child.kill("SIGKILL"),
    ended: once(child, "close"),
  };
};
