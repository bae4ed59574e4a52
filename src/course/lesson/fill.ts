// Puts the code that fences name into them. What the exercise asks for stays out of the text: who opens the file with an
// editor is a reader, too.

import { type FencePiece, fenceOf, type Piece, piecesOf, placed, withBody } from "./pieces.ts";

/** The lesson's text with its code as it is now. `sourceOf` says what a fence's code is. */
export function filled(text: string, sourceOf: (fence: FencePiece["fence"] & { kind: "code" }) => string): string {
  return piecesOf(text)
    .map((piece) => filledPiece(piece, sourceOf))
    .join("");
}

function filledPiece(piece: Piece, sourceOf: Parameters<typeof filled>[1]): string {
  const fenced = fenceOf(piece);
  if (fenced?.fence.kind !== "code") return piece.raw;
  const { fence } = fenced;
  // Also of one that is hidden it has to be there.
  const code = placed(piece.line, () => sourceOf(fence));
  return withBody(fenced, fence.isReveal ? "" : code);
}
