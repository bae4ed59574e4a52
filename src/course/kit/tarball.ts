// The package as one file that needs no other: npm's own tarball, with what we depend on inside of it (package.json,
// "bundleDependencies"). All but two of our dependencies are in the bundle already.

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { UserError } from "../../01-syscalls/index.ts";
import { packageFolder } from "../package-folder.ts";

interface Package {
  name: string;
  version: string;
  files?: string[];
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** What is loaded by its name when we run: a native module, and the one that reads students' TypeScript. */
const LOADED = ["koffi", "@swc/wasm-typescript"];

/** Writes the tarball into `folder` and returns its name. Throws UserError where npm can't do it. */
export function packTarball(folder: string): string {
  const staging = mkdtempSync(join(tmpdir(), "kit-"));
  try {
    stage(staging);
    const argv = ["pack", "--silent", "--offline", "--ignore-scripts", "--pack-destination", folder];
    const { status, stdout, stderr, error } = spawnSync("npm", argv, { cwd: staging, encoding: "utf8" });
    if (error) throw new UserError("a kit is packed by npm, and there is none here");
    if (status !== 0) throw new UserError(`npm could not pack the kit: ${stderr.trim()}`);
    return stdout.trim().split("\n").at(-1)!;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function stage(staging: string): void {
  const own = packageFolder();
  const { files = [], ...described } = readPackage(own);
  const needed = neededBy(LOADED, own);
  for (const name of files.filter((file) => !file.startsWith("!"))) {
    if (existsSync(join(own, name)))
      cpSync(join(own, name), join(staging, name), { recursive: true, filter: isShipped });
  }
  for (const [name, path] of needed) copyInto(join(staging, "node_modules", name), path);
  const versions = [...needed].map(([name, path]) => [name, readPackage(path).version]);
  const dependencies = Object.fromEntries(versions);
  const { devDependencies, scripts, overrides, ...rest } = described as Record<string, unknown>;
  const text = JSON.stringify({ ...rest, files, dependencies, bundleDependencies: [...needed.keys()] }, null, 2);
  writeFileSync(join(staging, "package.json"), text);
}

/** What a Node has compiled is of use to that one only. */
function isShipped(path: string): boolean {
  return !path.endsWith(".cache");
}

function copyInto(target: string, path: string): void {
  mkdirSync(dirname(target), { recursive: true });
  cpSync(path, target, { recursive: true, dereference: true, filter: (each) => !each.includes("/node_modules/.") });
}

/** Those packages and what they need, by name, where they are installed. A native one for another machine may be missing. */
function neededBy(names: string[], from: string): Map<string, string> {
  const found = new Map<string, string>();
  const waiting = [...names];
  for (const name of waiting) {
    const path = installed(name, from);
    if (path === undefined || found.has(name)) continue;
    found.set(name, path);
    const { dependencies = {}, optionalDependencies = {} } = readPackage(path);
    waiting.push(...Object.keys({ ...dependencies, ...optionalDependencies }));
  }
  return found;
}

/** As Node looks for it: in our folder, or in one above. */
function installed(name: string, from: string): string | undefined {
  const path = join(from, "node_modules", name);
  if (existsSync(join(path, "package.json"))) return path;
  return from === "/" ? undefined : installed(name, dirname(from));
}

function readPackage(folder: string): Package {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Package;
}
