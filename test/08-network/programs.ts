// Images with real programs, made by our own build: from the base, and what Debian has installed on this host. Each program comes
// with the libraries that it names, at the paths where the host has them.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cli } from "../support/cli.ts";

const output = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: "utf8" });

export interface Contents {
  /** By name, or by path where they are in no PATH. */
  programs: string[];
  /** Files and folders of the host that they need besides. */
  paths?: string[];
  /** Files of the test's own, by their name in `/`. */
  files?: Record<string, string | Buffer>;
  /** Of the Dockerfile, after the programs are there. */
  lines?: string[];
}

export function buildPrograms(
  md: Cli,
  image: string,
  { programs, paths = [], files = {}, lines = [] }: Contents,
): void {
  const context = mkdtempSync(join(tmpdir(), "programs-"));
  const root = join(context, "root");
  mkdirSync(root);
  const found = programs.map((name) => output("sh", "-c", 'command -v "$0"', name).trim());
  // `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f…)`
  const libraries = output("ldd", ...found).match(/\/\S+(?= \()/g) ?? [];
  const wanted = [...new Set([...found, ...libraries, ...paths])];
  execFileSync("cp", ["-rL", "--parents", ...wanted, root]);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(root, name), content);
  writeFileSync(join(context, "Dockerfile"), ["FROM base", "COPY root /", ...lines].join("\n"));
  md.ok("build", "-q", "-t", image, context);
}

const POSTGRES = "/usr/lib/postgresql";

/** The newest one's folders. Debian has several side by side, and none in PATH. */
export function postgresFolders(): { bin: string; lib: string; share: string } {
  const version = readdirSync(POSTGRES)
    .sort((a, b) => Number(a) - Number(b))
    .at(-1)!;
  const folder = join(POSTGRES, version);
  return { bin: join(folder, "bin"), lib: join(folder, "lib"), share: `/usr/share/postgresql/${version}` };
}

/** Kills a container, and whoever would tidy up after it. */
export function killAll(md: Cli, name: string): void {
  const pid = md.ok("inspect", "-f", "{{.State.Pid}}", name);
  const monitor = output("ps", "-o", "ppid=", "-p", pid).trim();
  for (const each of [monitor, pid]) process.kill(Number(each), "SIGKILL");
}
