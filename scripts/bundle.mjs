// Bundles the TypeScript into `dist`: four files with everything in them, and one small file that starts it.
//
//   mini-docker.js     src/cli/program.ts: loads the bundle, and keeps what was compiled of it
//   mini-docker-oci.js the same file once more, for the other program
//   first-DIGEST.js    ({ "./mini-docker.js": …, "./own-ids-HASH.js": …, … }), one function for each of esbuild's chunks
//   everyday-DIGEST.js the same, of what starts containers
//   images-DIGEST.js   of what builds, fetches and sends images
//   rest-DIGEST.js     and of all else
//   01-syscalls.mjs …  what students import; its names, from the very chunk the engine uses
//   module-hooks.mjs   how Node finds and reads what they have written
//
// Node opens one file faster than a hundred, and V8 only looks closely at the functions that are called.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { BuildError } from "./native.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

/** What students import: the stages that have a lesson, and what a lesson is made of. */
const DOORS = {
  ...Object.fromEntries(
    [
      "01-syscalls",
      "02-rootfs",
      "03-namespaces",
      "04-cgroups",
      "05-overlay",
      "06-images",
      "07-security",
      "08-network",
      "09-volumes",
    ].map((name) => [name, `src/${name}/index.ts`]),
  ),
  course: "src/course/grade/index.ts",
};

/** Name of the chunk → where its source begins. */
const PROGRAMS = { "mini-docker": "src/cli/main.ts", "mini-docker-oci": "src/cli/oci/main.ts" };
const ENTRIES = { ...PROGRAMS, ...DOORS };
const START = "src/cli/program.ts";

/** Without "--" Node would look through the program's own words for its options, such as --env-file. */
const HASHBANG = /^#!.* node --\n/;

const OPTIONS = {
  platform: "node",
  target: "node20.19",
  // Names stay: whoever opens `dist` or reads a stack should recognise the source.
  minifySyntax: true,
  logLevel: "error",
};

export async function bundle() {
  const { outputFiles, metafile } = await build({
    ...OPTIONS,
    absWorkingDir: root,
    entryPoints: Object.entries(ENTRIES).map(([out, source]) => ({ in: source, out })),
    outdir: dist,
    bundle: true,
    splitting: true,
    chunkNames: "[name]-[hash]",
    format: "esm",
    // koffi is a native module and finds its binary beside itself.
    external: ["koffi"],
    define: { "import.meta.dirname": "__dirname", "import.meta.filename": "__filename" },
    plugins: [standIns],
    write: false,
    metafile: true,
  });
  const texts = await Promise.all(partsOf(metafile, outputFiles).map(([name, files]) => textOf(name, files)));
  replaceFiles({
    ...Object.fromEntries(texts),
    "package.json": `{ "type": "commonjs" }\n`,
    ...Object.fromEntries(Object.keys(DOORS).map((name) => [`${name}.mjs`, doorOf(name, metafile)])),
    "module-hooks.mjs": await hooks(),
    ...(await starts(texts.map(([name]) => name))),
  });
}

/** What is read as one file, by the files that its chunks begin with. */
const PARTS = {
  // All that an ordinary user's command does before it gets to where he has many ids: it is read twice, so nothing that this
  // needs may import a stage's index for one function (test/cli/program.test.ts).
  first: ["subids", "own-ids"],
  // What starts something, and should take no longer than it must.
  everyday: [
    ...["run", "create", "start", "exec", "internal"],
    ...["oci-create", "oci-start", "oci-run", "oci-exec", "oci-state", "oci-kill", "oci-delete"],
  ],
  // The last four are imported only where there is something to unpack.
  images: ["build", "pull", "push", "decompress", "layer", "remove-tree", "tar"],
};

/** Each chunk's file is in the first part that needs it, and else in the last. */
function partsOf({ outputs }, files) {
  const taken = new Set();
  const parts = Object.entries(PARTS).map(([name, entries]) => {
    const needed = chunksOf(outputs, entries).filter((chunk) => !taken.has(chunk));
    for (const chunk of needed) taken.add(chunk);
    return [name, files.filter(({ path }) => needed.includes(basename(path)))];
  });
  return [...parts, ["rest", files.filter(({ path }) => !taken.has(basename(path)))]];
}

/** The chunks that these and the programs load, and what those load. What is imported later, if at all, isn't among them. */
function chunksOf(outputs, entries) {
  const isEntry = ({ entryPoint = "" }) =>
    Object.values(PROGRAMS).includes(entryPoint) || entries.includes(basename(entryPoint, ".ts"));
  const found = Object.keys(outputs).filter((path) => isEntry(outputs[path]));
  // It grows while it is gone through.
  for (const path of found) {
    const needed = outputs[path].imports.filter(({ kind }) => kind === "import-statement").map((each) => each.path);
    for (const other of needed) if (other in outputs && !found.includes(other)) found.push(other);
  }
  return found.map((path) => basename(path));
}

async function textOf(name, files) {
  const chunks = await Promise.all(files.map(functionOf));
  const text = `"use strict";\n({\n${chunks.join(",\n")}\n});\n`;
  return [`${name}-${createHash("sha256").update(text).digest("hex").slice(0, 16)}.js`, text];
}

/** Loaded by Node, in a thread of its own: a file like any other. */
async function hooks() {
  const { outputFiles } = await build({
    ...OPTIONS,
    absWorkingDir: root,
    entryPoints: ["src/course/module-hooks.ts"],
    bundle: true,
    format: "esm",
    external: ["@swc/wasm-typescript"],
    write: false,
  });
  return outputFiles[0].text;
}

/** Built-in modules that cost milliseconds to load and that nobody here needs, by who asks for them. */
const STAND_INS = [
  // For subcommands that are programs of their own; ours are not.
  { asks: /node_modules\/commander\//, name: /^node:child_process$/, contents: "" },
  // A chunk is given `require`; a source file has to make it.
  {
    asks: /\/src\//,
    name: /^node:module$/,
    contents:
      "export const createRequire = () => require; export const register = (...words) => require('node:module').register(...words);",
  },
];

const standIns = {
  name: "stand-ins",
  setup({ onResolve, onLoad }) {
    STAND_INS.forEach(({ asks, name, contents }, index) => {
      onResolve({ filter: name }, ({ importer }) =>
        asks.test(importer) ? { path: String(index), namespace: "stand-in" } : undefined,
      );
      onLoad({ filter: new RegExp(`^${index}$`), namespace: "stand-in" }, () => ({ contents }));
    });
  },
};

/**
 * A chunk as a function: it gets `require` and returns its exports. esbuild could make CommonJS of it, but with a getter
 * for each export, and making those takes longer than all else a chunk does when it is loaded.
 */
async function functionOf({ path, text }) {
  const body = text
    // Only for the order of side effects, and our modules have none.
    .replace(/^import "\.\/[^"]+";\n/gm, "")
    .replace(/^import (?:\* as )?(\w+) from ("[^"]+");$/gm, "const $1 = require($2);")
    .replace(
      /^import \{([^}]+)\} from ("[^"]+");$/gm,
      (_, names, from) => `const {${renamed(names)}} = require(${from});`,
    )
    .replace(/^export \{([^}]+)\};$/m, (_, names) => `return {${names.replace(/(\w+) as (\w+)/g, "$2: $1")}};`)
    .replace(/\bimport\(("\.\/[^"]+")\)/g, "Promise.resolve().then(() => require($1))");
  if (/^(import|export) /m.test(body)) throw new BuildError(`${path}: this import or export can't be rewritten`);
  const { code } = await transform(`((require, __dirname, __filename) => {\n${body}})`, { minifyWhitespace: true });
  return `${JSON.stringify(`./${basename(path)}`)}: ${code.replace(/;\n$/, "")}`;
}

function renamed(names) {
  return names.replace(/(\w+) as (\w+)/g, "$1: $2");
}

async function starts(bundles) {
  const names = Object.keys(PROGRAMS);
  const texts = await Promise.all(names.map((name) => startOf(`./${name}.js`, bundles)));
  return Object.fromEntries(names.map((name, index) => [`${name}.js`, texts[index]]));
}

async function startOf(main, bundles) {
  const source = readFileSync(join(root, START), "utf8");
  if (!HASHBANG.test(source)) throw new BuildError(`${START} must start with ${HASHBANG}`);
  const define = { MAIN: JSON.stringify(main), BUNDLES: JSON.stringify(bundles) };
  const { code } = await transform(source, { ...OPTIONS, loader: "ts", format: "cjs", define });
  return code;
}

/** An ES module says its exports' names in its text. */
function doorOf(name, { outputs }) {
  const { exports } = outputs[`dist/${name}.js`];
  return [
    `import start from "./mini-docker.js";`,
    `const { ${exports.join(", ")} } = start.load("./${name}.js");`,
    `export { ${exports.join(", ")} };\n`,
  ].join("\n");
}

/**
 * Writes what changed, the start last, and only then removes what earlier builds and their runs have left: a program
 * started in the middle of a build sees either all of the old one or all of the new.
 */
function replaceFiles(texts) {
  mkdirSync(dist, { recursive: true });
  for (const [name, text] of Object.entries(texts)) writeChanged(join(dist, name), text);

  const isCurrent = (name) => Object.keys(texts).some((current) => name === current || name.startsWith(`${current}.`));
  const isStale = (name) => /\.(js|mjs|map|cache)$/.test(name) && !isCurrent(name);
  for (const name of readdirSync(dist).filter(isStale)) rmSync(join(dist, name), { force: true });
}

function writeChanged(path, text) {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode: basename(path, ".js") in PROGRAMS ? 0o755 : 0o644 });
  renameSync(draft, path);
}
