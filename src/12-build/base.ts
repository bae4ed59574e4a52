// What a stage begins with, as a snapshot: nothing at all, or an image, which comes from its registry if it isn't here.

import {
  ensureImage,
  findImage,
  type Image,
  type ImageConfig,
  type Platform,
  parseReference,
} from "../06-images/index.ts";
import type { Roots } from "../10-containers/folders.ts";
import { keyOf } from "./cache.ts";
import type { Snapshot } from "./deed.ts";

/** How an image is had. Throws UserError where it can't be. */
export type Obtain = (name: string, platform: Platform) => Promise<Image>;

export interface ObtainOptions {
  /** Ask registries also for what is here. */
  pull: boolean;
  signal: AbortSignal;
}

export function fromAnywhere(roots: Roots, { pull, signal }: ObtainOptions): Obtain {
  return async (name, platform) => {
    const isTheirs = isFromRegistry(name);
    const found = pull && isTheirs ? undefined : await findImage(roots.root, name, { platform });
    if (found) return found;
    // Loaded only now: most builds begin with what is here.
    const { pullImage } = await import("../11-registry/index.ts");
    if (isTheirs) await pullImage(roots, parseReference(name), { platform, signal });
    return ensureImage(roots.root, name, { platform });
  };
}

export const fromStore = ({ root }: Roots): Obtain => {
  return (name, platform) => ensureImage(root, name, { platform });
};

/** Ids, folders, and what was made here are nobody else's. */
function isFromRegistry(name: string): boolean {
  if (/^(oci:|sha256:|[0-9a-f]{64}$|base(:|$))/.test(name)) return false;
  return parseReference(name).domain !== "localhost";
}

/** `scratch` can't be run in, but what is run in it later wants to find programs. */
const DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export async function snapshotOf(name: string, platform: Platform, obtain: Obtain): Promise<Snapshot> {
  if (name === "scratch") return scratch(platform);
  const { id, config, layers } = await obtain(name, platform);
  return { key: keyOf("image", id), config: { ...config, config: { ...config.config } }, layers };
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
