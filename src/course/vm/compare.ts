// A container beside a virtual machine, both with the files of our base image and both asked the same.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ensureImage, unpackImage } from "../../06-images/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { packageFolder } from "../package-folder.ts";
import { askContainer } from "./container.ts";
import { type Accelerator, bootMachine, type Side, whyNoMachine } from "./machine.ts";

export interface Comparison {
  container: Side;
  machine: Side;
  /** How the machine was run here; or, if it wasn't, why what somebody else has measured is shown. */
  source: { accelerator: Accelerator } | { recordedBecause: string };
}

/** The machine's side is taken from the record where there can be none here; it says why. */
export async function compare(roots: Roots, engine: readonly string[]): Promise<Comparison> {
  const image = await ensureImage(roots.root, "base");
  const [layer] = await unpackImage(roots.root, image);
  const layerBytes = image.layers.reduce((sum, { size }) => sum + size, 0);
  const container = { ...(await askContainer(engine)), fileBytes: layerBytes };
  const recorded = (recordedBecause: string) => ({
    container,
    machine: recordedMachine(),
    source: { recordedBecause },
  });
  const obstacle = whyNoMachine();
  if (obstacle !== undefined) return recorded(obstacle);
  try {
    const { side, accelerator } = await bootMachine(layer!);
    return { container, machine: side, source: { accelerator } };
  } catch (error) {
    return recorded((error as Error).message);
  }
}

/** Of Debian 12's kernel 6.1 and qemu 7.2, on two processors of a server of 2023. */
function recordedMachine(): Side {
  return JSON.parse(readFileSync(join(packageFolder(), "lessons/00-why/vm.json"), "utf8")) as Side;
}
