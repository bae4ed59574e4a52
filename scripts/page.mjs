// Builds the browser side: the playground's into `dist/playground`, the book's into `dist/book`. Each is one script, one style
// sheet, and the fonts they name. Nothing is loaded from anywhere else, so it works where there is no network.

import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = join(root, "playground");

/** `entries`: name of the built file, without its end → source, below `playground`. */
function options(outdir, entries, format) {
  return {
    absWorkingDir: source,
    entryPoints: Object.entries(entries).map(([out, path]) => ({ in: path, out })),
    outdir,
    bundle: true,
    minify: true,
    format,
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".woff2": "file" },
    assetNames: "fonts/[name]",
    legalComments: "linked",
    logLevel: "error",
  };
}

export async function buildPages() {
  const [playground, book] = ["dist/playground", "dist/book"].map((path) => join(root, path));
  for (const folder of [playground, book]) rmSync(folder, { recursive: true, force: true });
  await build(options(playground, { playground: "main.tsx" }, "esm"));
  await build(options(playground, { playground: "playground.css" }));
  // A page that is opened from the disk may not load modules.
  await build(options(book, { book: "book.tsx" }, "iife"));
  await build(options(book, { book: "book.css" }));
  for (const name of ["index.html", "icon.svg"]) copyFileSync(join(source, name), join(playground, name));
  for (const folder of [playground, book]) copyFileSync(FONT_LICENSE, join(folder, "fonts/LICENSE.txt"));
}

const FONT_LICENSE = join(root, "node_modules/@fontsource/ibm-plex-sans/LICENSE");
