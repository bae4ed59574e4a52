// Builds the browser side into `dist/playground`: one script, one style sheet, and the fonts they name. Nothing of it is
// loaded from anywhere else, so it works where there is no network.

import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = join(root, "playground");

/** `entries`: name of the built file, without its end → source, below `playground`. */
export function buildPage(outdir, entries, format) {
  return build({
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
  });
}

export async function playgroundPage() {
  const outdir = join(root, "dist/playground");
  rmSync(outdir, { recursive: true, force: true });
  await buildPage(outdir, { playground: "main.tsx" }, "esm");
  await buildPage(outdir, { playground: "playground.css" });
  for (const name of ["index.html", "icon.svg"]) copyFileSync(join(source, name), join(outdir, name));
}
