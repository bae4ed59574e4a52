// `base` before it is made: as much of it as says what a container from it would do. `--dry-run` makes nothing, not
// even an image.

import { join } from "node:path";
import type { ProcessConfig } from "./config.ts";
import type { Image } from "./image.ts";
import { hostPlatform } from "./platform.ts";
import { BASE } from "./reference.ts";
import { layersFolder } from "./unpack.ts";

/** What a container from `base` does unless told otherwise. */
export const BASE_PROCESS: ProcessConfig = {
  Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
  Cmd: ["sh"],
  WorkingDir: "/",
};

const NO_DIGEST = `sha256:${"0".repeat(64)}` as const;

/** An image without a layer, and the directory where its layer will be. */
export function baseOnPaper(root: string): { image: Image; layers: string[] } {
  const config = { ...hostPlatform(), config: BASE_PROCESS, rootfs: { type: "layers" as const, diff_ids: [] } };
  const image = { id: NO_DIGEST, name: BASE, digest: NO_DIGEST, config, layers: [], chainIds: [] };
  return { image, layers: [join(layersFolder(root), "base", "diff")] };
}
