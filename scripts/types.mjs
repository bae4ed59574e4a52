// Writes `dist/types`: what editors and `tsc` know of the modules that students import. It takes the compiler a second or
// two, so it is done when a source is newer than the last time, and left out where only what runs is wanted.

import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runTool } from "./install.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const types = join(root, "dist/types");
const stamp = join(types, "package.json");

export function buildTypes() {
  const sources = readdirSync(join(root, "src"), { recursive: true }).filter((name) => name.endsWith(".ts"));
  const made = existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
  const isNewer = (path) => statSync(path).mtimeMs > made;
  if (![...sources.map((name) => join(root, "src", name)), join(root, "tsconfig.types.json")].some(isNewer)) return;
  rmSync(types, { recursive: true, force: true });
  runTool("tsc", ["-p", "tsconfig.types.json"]);
  mkdirSync(types, { recursive: true });
  // `dist` itself is CommonJS.
  writeFileSync(stamp, `{ "type": "module" }\n`);
}
