// Bundles the TypeScript into `dist`: one small file that starts, and chunks that rare verbs load when they are called.
//
// Node reads one file faster than a hundred, and a verb that isn't used isn't read at all. Everything goes through one
// esbuild run, so that `mini-docker/01-syscalls`, which students import, is the very instance the engine uses.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { BuildError } from "./native.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

/** Name in `dist` → where its source begins. */
const ENTRIES = {
  "mini-docker": "src/cli/main.ts",
  "01-syscalls": "src/01-syscalls/index.ts",
};

/** Without "--" Node would look through the program's own words for its options, such as --env-file. */
const HASHBANG = "#!/usr/bin/env -S node --";

export async function bundle() {
  const present = Object.entries(ENTRIES).filter(([, source]) => existsSync(join(root, source)));
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: present.map(([out, source]) => ({ in: source, out })),
    outdir: dist,
    bundle: true,
    splitting: true,
    chunkNames: "[name]-[hash]",
    format: "esm",
    platform: "node",
    target: "node20.19",
    // koffi is a native module and finds its binary beside itself.
    external: ["koffi"],
    // Some dependencies are CommonJS: inside an ES module their `require` has to be made.
    banner: { js: 'import { createRequire as _r } from "node:module"; var require = _r(import.meta.url);' },
    sourcemap: true,
    // Names stay, whitespace stays: whoever opens `dist` or reads a stack should recognise the source.
    minifySyntax: true,
    write: false,
    logLevel: "error",
  });
  requireHashbang(outputFiles);
  replaceFiles(outputFiles);
}

function requireHashbang(files) {
  const main = files.find((file) => basename(file.path) === "mini-docker.js");
  if (main && !main.text.startsWith(HASHBANG)) {
    throw new BuildError(`${ENTRIES["mini-docker"]} must start with "${HASHBANG}"`);
  }
}

/**
 * Writes what changed, entries last, and only then removes chunks of earlier builds: a program started in the
 * middle of a build sees either all of the old one or all of the new.
 */
function replaceFiles(files) {
  mkdirSync(dist, { recursive: true });
  const isEntry = (file) => basename(file.path, ".js") in ENTRIES;
  for (const file of files.toSorted((a, b) => isEntry(a) - isEntry(b))) writeChanged(file);

  const current = new Set(files.map((file) => basename(file.path)));
  const stale = readdirSync(dist).filter((name) => /\.js(\.map)?$/.test(name) && !current.has(name));
  for (const name of stale) rmSync(join(dist, name), { force: true });
}

function writeChanged({ path, contents }) {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, contents, { mode: basename(path) === "mini-docker.js" ? 0o755 : 0o644 });
  renameSync(draft, path);
}
