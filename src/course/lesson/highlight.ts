// What the words of a piece of code are, so that readers can colour them, each in its own way.

import shell from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import typescript from "highlight.js/lib/languages/typescript";
import { createLowlight } from "lowlight";

export type WordKind = "keyword" | "string" | "comment" | "number" | "name" | "type" | "constant";

export interface Word {
  text: string;
  /** Undefined for all that is none of these. */
  kind?: WordKind;
}

const lowlight = createLowlight({ c, shell, typescript });

/** The languages that fences name, by their grammars. */
const GRAMMARS: Record<string, string> = { ts: "typescript", js: "typescript", mjs: "typescript", c: "c", h: "c" };

/** What the grammars' names for words are here. */
const KINDS: [name: RegExp, kind: WordKind][] = [
  [/^comment|^doctag/, "comment"],
  [/^string|^regexp|^char/, "string"],
  [/^keyword|^meta/, "keyword"],
  [/^number/, "number"],
  [/^literal|^variable\.constant|^symbol/, "constant"],
  [/^title\.class|^type/, "type"],
  [/^title/, "name"],
];

/** The code's words, line by line. */
export function highlighted(code: string, language: string): Word[][] {
  const { children } = lowlight.highlight(GRAMMARS[language] ?? "shell", code);
  const lines: Word[][] = [[]];
  for (const word of children.flatMap((node) => wordsOf(node, undefined))) {
    for (const [index, text] of word.text.split("\n").entries()) {
      if (index > 0) lines.push([]);
      if (text !== "") lines.at(-1)!.push({ ...word, text });
    }
  }
  return lines;
}

type Node = ReturnType<typeof lowlight.highlight>["children"][number];

function wordsOf(node: Node, kind: WordKind | undefined): Word[] {
  if (node.type === "text") return [kind === undefined ? { text: node.value } : { text: node.value, kind }];
  if (node.type !== "element") return [];
  const [first = "", ...more] = (node.properties.className as string[] | undefined) ?? [];
  const name = [first.replace("hljs-", ""), ...more.map((word) => word.replace(/_+$/, ""))].join(".");
  const own = KINDS.find(([pattern]) => pattern.test(name))?.[1];
  // In a comment all is comment.
  return node.children.flatMap((child) => wordsOf(child, kind === "comment" ? kind : (own ?? kind)));
}
