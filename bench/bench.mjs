// `npm run bench`: how long our work takes beside that of others, on this machine, now. `--quick` looks at everything once,
// to see that it can be measured; its numbers mean nothing. `--images` measures the work with images alone, and `--network`
// what networks cost.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, stop } from "esbuild";
import { bundle } from "../scripts/bundle.mjs";
import { buildNative, compile, FLAGS } from "../scripts/native.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "mini-docker-bench-"));

/** Where the engine's sources look for what lies beside them: native programs, koffi, the command line. */
const HERE = join(root, "src/10-containers");

const isQuick = process.argv.includes("--quick");
const ONLY = { "--images": "images", "--network": "networks" };
const only = Object.entries(ONLY).find(([flag]) => process.argv.includes(flag))?.[1];

async function bundled(name) {
  const outfile = join(folder, `${basename(name, ".ts")}.cjs`);
  await build({
    entryPoints: [join(root, "bench", name)],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["koffi"],
    define: {
      "import.meta.dirname": JSON.stringify(HERE),
      "import.meta.filename": JSON.stringify(join(HERE, "x.ts")),
    },
    logLevel: "error",
  });
  return outfile;
}

// With it Node 20 reads every certificate in that file before it begins: an empty program took three times as long here. Ours
// doesn't (src/cli/program.ts), and its ratio to Node alone is far smaller than on a machine without, so that is told beside.
const certificates = process.env.NODE_EXTRA_CA_CERTS;
delete process.env.NODE_EXTRA_CA_CERTS;

try {
  buildNative();
  await bundle();
  const flags = [...FLAGS, "-I", join(root, "native"), "-I", join(root, "bench")];
  const compiled = (source) => compile({ source, output: join(folder, basename(source, ".c")), flags });
  const main = await bundled("main.ts");
  await (await import(pathToFileURL(main).href)).main({ root, folder, compiled, bundled, isQuick, only, certificates });
} finally {
  await stop();
  rmSync(folder, { recursive: true, force: true });
}
