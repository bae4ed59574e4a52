// What a stage begins with, as a snapshot: nothing at all, or an image of the store.

import { ensureImage, type Image, type ImageConfig, type Platform } from "../06-images/index.ts";
import { keyOf } from "./cache.ts";
import type { Snapshot } from "./deed.ts";

/** `scratch` can't be run in, but what is run in it later wants to find programs. */
const DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** How an image is had: from the store, or from wherever else. Throws UserError where it can't be. */
export type Obtain = (name: string, platform: Platform) => Promise<Image>;

export const fromStore = (root: string): Obtain => {
  return (name, platform) => ensureImage(root, name, { platform });
};

export async function snapshotOf(name: string, platform: Platform, obtain: Obtain): Promise<Snapshot> {
  if (name === "scratch") return scratch(platform);
  const { id, config, layers } = await obtain(name, platform);
  return { key: keyOf("image", id), config: withoutDefaults(config), layers };
}

function scratch(platform: Platform): Snapshot {
  const config: ImageConfig = {
    ...platform,
    config: { Env: [DEFAULT_PATH], WorkingDir: "/" },
    rootfs: { type: "layers", diff_ids: [] },
    history: [],
  };
  return { key: keyOf("scratch"), config, layers: [] };
}

/** Images have fields that say nothing, and are written by nobody else. */
function withoutDefaults(config: ImageConfig): ImageConfig {
  return { ...config, config: { ...config.config }, history: config.history ?? [] };
}
