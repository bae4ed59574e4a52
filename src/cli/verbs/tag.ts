// `tag`: one more name for an image.

import type { Roots } from "../../10-containers/folders.ts";
import { tagImageAs } from "../../10-containers/images.ts";
import { readCommand } from "../flags/command.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const words = readCommand({ name: "tag", operands: ["<source_image[:tag]>", "<target_image[:tag]>"] }, argv);
  if (words === undefined) return 0;
  await tagImageAs(roots, words[0]!, words[1]!);
  return 0;
}
