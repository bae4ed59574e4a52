import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { needs } from "../support/needs.ts";

const CLI = join(import.meta.dirname, "../../dist/mini-docker.js");
const folder = mkdtempSync(join(tmpdir(), "e-"));
const [hook, list] = [join(folder, "hook.cjs"), join(folder, "loaded")];

function miniDocker(...args: string[]): void {
  const roots = ["--root", join(folder, "root"), "--state", join(folder, "state")];
  // Not pipes: whoever asks Node about one loads node:net.
  const { status } = spawnSync(process.execPath, ["--require", hook, "--", CLI, ...roots, ...args], {
    stdio: "ignore",
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  expect(status).toBe(0);
}

/** Node's own modules that a command has loaded besides those that are there from the start. */
function loadedBy(...args: string[]): string[] {
  miniDocker(...args);
  return readFileSync(list, "utf8").split(" ").sort();
}

beforeAll(() => {
  writeFileSync(
    hook,
    `const before = new Set(process.moduleLoadList);
     process.on("exit", () => {
       const names = process.moduleLoadList.filter((name) => !before.has(name) && name.startsWith("NativeModule "));
       require("node:fs").writeFileSync(${JSON.stringify(list)}, names.map((name) => name.split(" ")[1]).join(" "));
     });`,
  );
  miniDocker("run", "-d", "--name", "up", "base", "sleep", "1000");
});

afterAll(() => {
  miniDocker("rm", "-f", "up");
  rmSync(folder, { recursive: true, force: true });
});

// node:crypto, child_process, net, stream and the like take from one to ten milliseconds each; commander loads node:process.
const CHEAP = ["os", "vm"];

test.each([
  ["--version", ["--version"]],
  ["exec", ["exec", "up", "true"]],
  ["run", ["run", "--rm", "base", "true"]],
])("%s loads no module of Node's that takes long to load", (_, args) => {
  expect(loadedBy(...args).filter((name) => !CHEAP.includes(name) && !name.startsWith("internal/"))).toEqual([]);
});

// A busy disk has one wait for a tenth of a second and more.
test.each([
  ["exec", ["exec", "up", "true"], []],
  ["run --rm", ["run", "--rm", "base", "true"], ["container.json"]],
])("%s waits for the disk no more often than it must", needs("program:strace"), (_, args, files) => {
  const trace = join(folder, "trace");
  const roots = ["--root", join(folder, "root"), "--state", join(folder, "state")];
  const strace = ["-f", "-y", "-e", "trace=fsync,fdatasync", "-o", trace];
  spawnSync("strace", [...strace, process.execPath, "--", CLI, ...roots, ...args], { stdio: "ignore" });
  const synced = readFileSync(trace, "utf8").matchAll(/sync\(\d+<[^>]*\/([\w.]+?)(?:\.\d+\.tmp)?>/g);
  expect(Array.from(synced, ([, name]) => name).filter((name) => name !== "null")).toEqual(files);
});
