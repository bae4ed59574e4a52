// Which wording of an English section a translation says. Code and what commands print aren't translated, so the digest is
// of the prose, the questions, and the words behind the fences' backticks.

import { createHash } from "node:crypto";
import type { Token } from "marked";
import type { Section } from "./lesson.ts";
import { piecesOf } from "./pieces.ts";

export function digestOf({ raw }: Pick<Section, "raw">): string {
  const said = piecesOf(raw).map(({ token }) => saidBy(token));
  return createHash("sha256").update(said.join("\n").replace(/\s+/g, " ").trim()).digest("hex").slice(0, 12);
}

function saidBy(token: Token): string {
  const words = token.type === "code" ? String(token.lang) : "";
  return /^(?:ts|c|h|js|mjs|sh|console)\b/.test(words) ? words : token.raw;
}
