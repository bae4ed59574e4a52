// The engine in folders of its own, which go away with the test.

import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, stop } from "esbuild";
import { onTestFinished } from "vitest";
import { ensureImage } from "../../src/06-images/index.ts";
import { type Container, containerIds } from "../../src/10-containers/container.ts";
import { createContainer } from "../../src/10-containers/create.ts";
import type { Roots } from "../../src/10-containers/folders.ts";
import { removeContainer } from "../../src/10-containers/remove.ts";
import { allContainers } from "../../src/10-containers/settle.ts";
import { type RunOptions, runOptions } from "../../src/10-containers/spec/options.ts";

/** Roots in a temporary folder; what is left in them at the end is removed by force. */
export function temporaryRoots(): Roots {
  const folder = mkdtempSync(join(tmpdir(), "e-"));
  const roots = { root: join(folder, "root"), state: join(folder, "state") };
  mkdirSync(roots.root);
  onTestFinished(async () => {
    for (const id of containerIds(roots)) await removeContainer(roots, id, { force: true }).catch(() => {});
    rmSync(folder, { recursive: true, force: true });
  });
  return roots;
}

/** A container of `base` that runs `command`. */
export async function makeContainer(
  roots: Roots,
  command: string[],
  given: Partial<RunOptions> = {},
): Promise<Container> {
  const image = await ensureImage(roots.root, "base");
  return createContainer(roots, image, runOptions("base", { command, ...given }));
}

/** What is still there of containers, after everything was settled: their ids, and any folder besides. */
export async function leftovers(roots: Roots): Promise<string[]> {
  const known = (await allContainers(roots)).map(({ record }) => record.id);
  const folders = [join(roots.root, "containers"), join(roots.state, "containers")].flatMap((path) => {
    try {
      return readdirSync(path);
    } catch {
      return [];
    }
  });
  return folders.filter((name) => !known.includes(name));
}

const dirname = join(import.meta.dirname, "../../src/10-containers");
const META = { dirname, filename: join(dirname, "x.ts"), url: `file://${dirname}/x.ts` };

/** Bundles a fixture, so that a process of its own can run it. */
export async function buildScript(source: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "script-"));
  const outfile = join(folder, "src", "10", "script.cjs");
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["koffi"],
    // Where the native programs and koffi are found from.
    define: Object.fromEntries(
      Object.entries(META).map(([name, value]) => [`import.meta.${name}`, JSON.stringify(value)]),
    ),
    logLevel: "error",
  });
  await stop();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return outfile;
}
