// What `run` would do on this machine for this user, without doing any of it: no container, no image, no cache. Only an
// image that is already in the store is unpacked there if it never was, since its users are looked up in its files.

import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { isOverlayRefused } from "../../05-overlay/index.ts";
import { baseOnPaper, ensureImage, isBaseToBeMade } from "../../06-images/index.ts";
import { parseTunnel } from "../../08-network/index.ts";
import type { Container } from "../container.ts";
import { sketchContainer } from "../create.ts";
import type { Roots } from "../folders.ts";
import { sketchCables } from "../network/plug.ts";
import { containerPlan } from "../plan.ts";
import { preparePlan } from "../prepare.ts";
import type { RunOptions } from "../spec/options.ts";
import { monitorOf, numberAfter, withSize } from "../start.ts";
import { terminalSize } from "../streams/terminal.ts";
import { unpackLayers } from "../unpack.ts";
import { inOrder, type Ordered } from "./in-order.ts";

export interface DryRun {
  steps: Ordered[];
  warnings: string[];
}

/** `hasClient`: somebody stays with the container. Throws UserError where `run` would. */
export async function dryRun(roots: Roots, options: RunOptions, hasClient: boolean): Promise<DryRun> {
  const { image, layers } = await imageFor(roots.root, options);
  const { container, spec } = sketchContainer(roots, image, options, layers);
  container.record.rootfs = isOverlayRefused(existing(roots.root)) ? "copy" : "overlay";
  const prepared = withSize(await preparePlan(container, spec, compiled), options.tty ? terminalSize() : undefined);
  const cables = sketchCables(container);
  if (cables.length > 0) container.state = { ...container.state, nameSockets: numberAfter(0) };
  const hasTunnel = parseTunnel(options.network) !== undefined;
  const plan = containerPlan({ ...prepared, cables, hasTunnel, isFile: (source) => willBeFile(source, container) });
  return { steps: inOrder(plan, monitorOf(container, prepared, { hasClient })), warnings: prepared.warnings };
}

async function imageFor(root: string, { image: text, platform }: RunOptions) {
  if (isBaseToBeMade(root, text)) return baseOnPaper(root);
  const image = await ensureImage(root, text, platform && { platform });
  return { image, layers: await unpackLayers(root, image) };
}

async function compiled(profile: Parameters<typeof import("../../07-security/compile.ts").compileFilter>[0]) {
  const { compileFilter } = await import("../../07-security/compile.ts");
  return compileFilter(profile);
}

/** Of what isn't there yet, only the container's own /etc files are files; `-v` makes folders. */
function willBeFile(source: string, { folder }: Container): boolean {
  const found = statSync(source, { throwIfNoEntry: false });
  return found ? !found.isDirectory() : source.startsWith(`${folder.etc}/`);
}

/** The nearest folder on the way to `path` that exists: what is made in there is on the same filesystem. */
function existing(path: string): string {
  return existsSync(path) ? path : existing(dirname(path));
}
