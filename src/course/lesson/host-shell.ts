// A shell outside of the lab, as whoever runs us. It says the same in every language and knows the program by its name,
// also where it isn't installed.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Roots } from "../../10-containers/folders.ts";
import { packageFolder } from "../package-folder.ts";
import type { StartShell } from "./shell.ts";

/** With `roots`, its containers and images lie there, and not where those of this machine's owner do. */
export const hostShell =
  (roots?: Roots): StartShell =>
  async (onOutput) => {
    const env = { ...process.env, LANG: "C", LC_ALL: "C", NO_COLOR: "1" };
    const child = spawn("sh", [], { cwd: "/", env, stdio: ["pipe", "pipe", "pipe"] });
    child.stdout.on("data", onOutput);
    child.stderr.on("data", onOutput);
    // It may have ended before it has read everything.
    child.stdin.on("error", () => {});
    const program = join(packageFolder(), "dist/mini-docker.js");
    const folders = roots ? ` --root "${roots.root}" --state "${roots.state}"` : "";
    child.stdin.write(`alias mini-docker='"${process.execPath}" -- "${program}"${folders}'\n`);
    return {
      write: (text) => void child.stdin.write(text),
      end: () => void child.stdin.end(),
      kill: () => void child.kill("SIGKILL"),
      ended: once(child, "close"),
    };
  };
