// `images --tree`: each image with the machines it is for, and which of them are here.

import type { ListedVariants, Variant } from "../../06-images/index.ts";
import { table } from "./table.ts";
import { humanSize } from "./units.ts";

/** A table, ending with a line break. Digests are cut to twelve digits unless `noTrunc`. */
export function variantsTable(images: ListedVariants[], noTrunc: boolean): string {
  const rows = images.flatMap((image) => rowsOf(image, noTrunc));
  return table(["IMAGE", "ID", "CONTENT SIZE"], rows);
}

function rowsOf({ names, digest, variants }: ListedVariants, noTrunc: boolean): string[][] {
  const title = names.length > 0 ? names.join(", ") : "<untagged>";
  return [
    [title, shown(digest, noTrunc), sizeOf(variants)],
    ...variants.map((variant, index) => variantRow(variant, index === variants.length - 1, noTrunc)),
  ];
}

function variantRow({ platform = "unknown", digest, sizeBytes }: Variant, isLast: boolean, noTrunc: boolean): string[] {
  const size = sizeBytes === undefined ? "not here" : humanSize(sizeBytes, 3);
  return [`${isLast ? "└─" : "├─"} ${platform}`, shown(digest, noTrunc), size];
}

function sizeOf(variants: Variant[]): string {
  return humanSize(
    variants.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0),
    3,
  );
}

function shown(digest: string, noTrunc: boolean): string {
  return noTrunc ? digest : digest.replace(/^sha\d+:/, "").slice(0, 12);
}
