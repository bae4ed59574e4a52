// One instruction that changes files: found in the cache, or carried out in a workspace, whose changes become a layer.

import { basename, join } from "node:path";
import { chainIds } from "../06-images/config.ts";
import { digestOf } from "../06-images/digest.ts";
import { type Image, unpackImage } from "../06-images/index.ts";
import { adoptLayer, type PackedLayer, packLayer } from "../06-images/pack-layer.ts";
import type { Roots } from "../10-containers/folders.ts";
import { keyOf, type Outcome, type StepCache } from "./cache.ts";
import type { FileWork, Snapshot } from "./deed.ts";
import type { WorkFolder } from "./work-folder.ts";
import { Workspace } from "./workspace.ts";

export interface StepMaker {
  roots: Roots;
  cache: StepCache;
  folder: WorkFolder;
  signal: AbortSignal;
  /** Seconds since 1970; nothing is newer. */
  epoch: number | undefined;
}

/** What the work comes to; `isCached` if nobody had to do it. */
export async function outcomeOf(
  maker: StepMaker,
  snapshot: Snapshot,
  work: FileWork,
  onOutput: (bytes: Buffer) => void,
): Promise<Outcome & { isCached: boolean }> {
  const { cache } = maker;
  const beginning = [work.isAlone ? "alone" : snapshot.key, maker.epoch, work.about];
  // As long as files come from the same snapshot nobody needs to read them.
  const quick = work.content && work.from === undefined ? undefined : keyOf(...beginning, work.from);
  const known = quick === undefined ? undefined : cache.recall(quick);
  if (known) return { ...known, isCached: true };
  const key = work.content ? keyOf(...beginning, "content", await work.content()) : quick!;
  const found = key === quick ? undefined : cache.recall(key);
  const outcome = found ?? { ...(await carryOut(maker, snapshot, work, onOutput)), key };
  if (!found) cache.remember(key, outcome);
  if (quick !== undefined && quick !== key) cache.remember(quick, outcome);
  return { ...outcome, isCached: found !== undefined };
}

async function carryOut(
  maker: StepMaker,
  snapshot: Snapshot,
  work: FileWork,
  onOutput: (bytes: Buffer) => void,
): Promise<Omit<Outcome, "key">> {
  const { roots, signal, folder } = maker;
  const image = imageOf(snapshot);
  const directories = await unpackImage(roots.root, image);
  const own = folder.step();
  const workspace = new Workspace({
    roots,
    folder: own,
    image,
    directories,
    isAlone: work.isAlone ?? false,
    onOutput,
    signal,
    secretsFolder: join(folder.secrets, basename(own)),
    unpack: (other) => unpackImage(roots.root, imageOf(other)),
  });
  try {
    await work.carryOut(workspace);
    return finish(maker, snapshot, work, workspace);
  } finally {
    workspace.remove();
  }
}

function finish(maker: StepMaker, snapshot: Snapshot, work: FileWork, { changed }: Workspace): Omit<Outcome, "key"> {
  const { roots, epoch } = maker;
  const newestNs = epoch === undefined ? undefined : BigInt(epoch) * 1_000_000_000n;
  const packed = packLayer(roots.root, { ...changed, newestNs });
  const created = timeOf(epoch);
  if (work.mayBeNothing && packed.isEmpty) return { created };
  // What is a copy holds more than the layer, and what was made alone has yet to be put onto something.
  if (!changed.isCopy && !work.isAlone) adopt(roots.root, snapshot, packed, changed.upper);
  return { layer: packed.layer, created };
}

function adopt(root: string, snapshot: Snapshot, { layer, opaque }: PackedLayer, upper: string): void {
  const chain = chainIds([...snapshot.config.rootfs.diff_ids, layer.digest], digestOf);
  adoptLayer(root, chain.at(-1)!, upper, opaque);
}

export function timeOf(epoch: number | undefined): string {
  return new Date(epoch === undefined ? Date.now() : epoch * 1000).toISOString();
}

/** As the engine has images; this one has no name yet, and perhaps never will. */
export function imageOf({ config, layers }: Snapshot): Image {
  const none = `sha256:${"0".repeat(64)}`;
  return {
    id: none,
    name: undefined,
    digest: none,
    config,
    layers,
    chainIds: chainIds(config.rootfs.diff_ids, digestOf),
  };
}
