// Whatever is killed, and whenever: what is in the store is whole, other programs read it, and the next command works.
// Thirty-two times here, two at once; KILLS=200 is four hundred.

import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { MEDIA } from "../../src/06-images/index.ts";
import { makeLayout, tarOf } from "../06-images/archives.ts";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const KILLS = Number(process.env.KILLS ?? 16);
const LONGEST_MS = 300;
const FILES = 400;

const md = cliForTests();
const folder = dirname(md.root);
const path = (name: string) => join(folder, name);

/** A layer takes long enough to be in the middle of it. */
function layerOf(name: string): Buffer {
  const files = Array.from({ length: FILES }, (_, index) => ({ name: `${name}/${index}`, content: randomBytes(1500) }));
  return tarOf([{ name, type: "5", mode: 0o755 }, ...files]);
}

beforeAll(() => {
  const [shared, one, other] = ["shared", "one", "other"].map(layerOf) as [Buffer, Buffer, Buffer];
  const packing = { pack: gzipSync, mediaType: MEDIA.LAYER_GZIP };
  for (const [name, layers] of [
    ["one", [shared, one]],
    ["other", [shared, other]],
  ] as const) {
    mkdirSync(path(name));
    makeLayout([...layers], { name: `x.example/${name}:1`, folder: path(name), ...packing });
  }
  writeFileSync(path("tree.tar"), one);
});

const COMMANDS: ((turn: number) => string[])[] = [
  () => ["load", "-i", path("one/app")],
  () => ["load", "-i", path("other/app")],
  (turn) => ["create", "--name", `c${turn}`, "x.example/one:1", "/x"],
  () => ["save", "-o", path("saved.tar"), "x.example/one:1", "x.example/other:1"],
  () => ["import", path("tree.tar"), "x.example/imported:1"],
  () => ["rmi", "-f", "x.example/other:1"],
  () => ["image", "prune", "-af"],
  () => ["tag", "x.example/one:1", "x.example/tagged:1"],
];

/** Starts it, and kills it at some point; or it is over by then. */
async function killed(argv: string[]): Promise<void> {
  const child = md.begin(...argv);
  child.stdout.resume();
  child.stderr.resume();
  const over = once(child, "close");
  await sleep(Math.random() * LONGEST_MS);
  child.kill("SIGKILL");
  await over;
}

const pick = () => COMMANDS[Math.floor(Math.random() * COMMANDS.length)]!;
const names = () =>
  md
    .ok("images", "--format", "{{.Repository}}:{{.Tag}}")
    .split("\n")
    .filter((name) => name.startsWith("x."));
const listed = (...way: string[]) => (existsSync(join(md.root, ...way)) ? readdirSync(join(md.root, ...way)) : []);

function expectWhole(): void {
  for (const chain of listed("layers")) {
    const diff = join(md.root, "layers", chain, "diff");
    // Those of `base` have other files; all of ours are in one folder each.
    const [only, ...others] = readdirSync(diff);
    if (others.length === 0) expect(readdirSync(join(diff, only!)).length, diff).toBe(FILES);
  }
  if (existsSync(path("saved.tar")))
    execFileSync("tar", ["tf", path("saved.tar")], { stdio: ["ignore", "ignore", "inherit"] });
}

function expectReadable(): void {
  const layout = join(md.root, "images");
  if (!existsSync(join(layout, "index.json"))) return;
  for (const name of names())
    execFileSync("skopeo", ["inspect", `oci:${layout}:${name}`], { stdio: ["ignore", "ignore", "inherit"] });
  execFileSync("umoci", ["ls", "--layout", layout], { stdio: ["ignore", "ignore", "inherit"] });
}

test("killed at any point, two at once", needs("program:skopeo", "program:umoci"), async () => {
  for (let turn = 0; turn < KILLS; turn++) {
    await Promise.all([killed(pick()(2 * turn)), killed(pick()(2 * turn + 1))]);
    expectWhole();
    if (turn % 4 === 3) expectReadable();
  }
  // The next command works, and leaves what it should.
  for (const name of ["one", "other"]) md.ok("load", "-i", path(`${name}/app`));
  expect(md.ok("create", "x.example/one:1", "/x")).toMatch(/^[0-9a-f]{64}$/);
  expect(md.ok("create", "x.example/other:1", "/x")).toMatch(/^[0-9a-f]{64}$/);
  expectWhole();
  expectReadable();
  expect(
    readdirSync(folder)
      .filter((name) => name.includes("saved"))
      .every((name) => name === "saved.tar"),
  ).toBe(true);

  const containers = md.ok("ps", "-aq").split("\n").filter(Boolean);
  if (containers.length > 0) md.ok("rm", "-f", ...containers);
  md.ok("image", "prune", "-af");
  expect(md.ok("images", "-aq")).toBe("");
  expect(listed("tmp")).toEqual([]);
  expect(listed("layers")).toEqual([]);
  expect(listed("images", "blobs", "sha256")).toEqual([]);
  expect(JSON.parse(readFileSync(join(md.root, "images/index.json"), "utf8")).manifests).toEqual([]);
  expect(statSync(join(md.root, "images/oci-layout")).isFile()).toBe(true);
});
