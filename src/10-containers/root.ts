// A container's root filesystem, as a descriptor. While it runs that is /proc/PID/root, in which the container's own
// mounts are seen. When it doesn't, the overlay is put together once more as a mount that hangs nowhere.

import { closeSync } from "node:fs";
import { perform } from "../01-syscalls/index.ts";
import { openRoot } from "../02-rootfs/index.ts";
import { detachedOverlaySteps } from "../05-overlay/index.ts";
import type { Container } from "./container.ts";
import { isAlive } from "./identity.ts";

/** Lends `work` a descriptor of the container's `/`. The caller holds the lock, so nobody starts it meanwhile. */
export async function withRoot<T>(container: Container, work: (root: number) => T | Promise<T>): Promise<T> {
  const root = openContainerRoot(container);
  try {
    return await work(root);
  } finally {
    closeSync(root);
  }
}

function openContainerRoot({ state, record, folder }: Container): number {
  if (isAlive(state.process)) return openRoot(`/proc/${state.process.pid}/root`);
  if (record.rootfs === "copy") return openRoot(folder.upper);
  const { upper, work } = folder;
  const here = process.cwd();
  try {
    return perform(detachedOverlaySteps({ lower: record.layers, upper, work })).rootfs!;
  } finally {
    process.chdir(here);
  }
}
