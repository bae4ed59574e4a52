// Pulling one image, with all that is said of it: for `pull`, and for `run` where the image isn't here.

import { familiarName, fullName, type Platform, type Reference } from "../../06-images/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { type Pulled, pullImage } from "../../11-registry/index.ts";
import { NO_VIEW, transferView } from "./transfer-view.ts";

export interface ShownPull {
  platform?: Platform | undefined;
  quiet: boolean;
  signal: AbortSignal;
  output: NodeJS.WriteStream;
}

/** Throws UserError. */
export async function pullShown(roots: Roots, reference: Reference, shown: ShownPull): Promise<Pulled> {
  const { platform, quiet, signal, output } = shown;
  const say = (text: string) => quiet || output.write(`${text}\n`);
  const view = quiet ? NO_VIEW : transferView("pull", output);
  say(`${reference.digest ?? reference.tag}: Pulling from ${reference.path}`);
  try {
    const onLayers = (layers: string[]) => view.onLayers(layers);
    const pulled = await pullImage(roots, reference, { platform, signal, onLayers, onLayer: view.onLayer });
    view.close();
    say(`Digest: ${pulled.digest}`);
    return pulled;
  } finally {
    view.close();
  }
}

/** `Status: Downloaded newer image for alpine:latest` */
export function statusLine(reference: Reference, isNew: boolean): string {
  const name = familiarName(fullName(reference));
  return isNew ? `Status: Downloaded newer image for ${name}` : `Status: Image is up to date for ${name}`;
}
