// An image's layers, unpacked by stage 06; what its promise is worth, a stage's function says, which may be a student's.

import { type Image, type UnpackOptions, unpackImage } from "../06-images/index.ts";
import { stage } from "./stages.ts";

/** The directories of the layers, lowest first. Throws UserError for a layer that isn't what its image promises. */
export function unpackLayers(root: string, image: Image, options: UnpackOptions = {}): Promise<string[]> {
  return unpackImage(root, image, { ...options, check: stage("06-images").checkedLayer });
}
