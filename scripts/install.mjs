// `npm test` and `npm run demo` are the first thing somebody types in a fresh clone, and npm starts them whether or not
// the dependencies are there. So those scripts need nothing but Node, and install first when it is missing or outdated.

import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Installs exactly what package-lock.json says, unless the last installation is newer than that file. */
export function ensureInstalled() {
  if (modified("node_modules/.package-lock.json") >= modified("package-lock.json")) return;
  console.log("Installing dependencies (npm ci) …");
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
}

/** Runs a command in the project's folder with our own output; ends this process with its exit code if that isn't 0. */
export function run(command, args, env = {}) {
  const options = { cwd: root, stdio: "inherit", env: { ...process.env, ...env } };
  const { status, signal, error } = spawnSync(command, args, options);
  if (error) throw error;
  if (status !== 0) {
    if (signal) console.error(`${command} was ended by ${signal}`);
    process.exit(status ?? 1);
  }
}

/** Runs a program of one of our dependencies: `tsc`, `biome`, `vitest`. */
export function runTool(name, args, env) {
  run(`${root}node_modules/.bin/${name}`, args, env);
}

function modified(path) {
  return statSync(root + path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
