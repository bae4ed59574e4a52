// A lesson as data: what readers show, the book prints, the playground runs, and the tests hold true. It is read from one
// Markdown file a language (parse.ts).

import type { Token } from "marked";
import type { Source } from "./fence.ts";
import type { Field } from "./varying.ts";

export type { Token, Tokens } from "marked";

export type Language = "en" | "zh";

/** What differs between machines is where cgroups are. */
export type MachineKind = "v1" | "hybrid" | "v2";

export interface Lesson {
  /** `03` */
  number: string;
  /** `03-namespaces` */
  name: string;
  language: Language;
  title: string;
  /** The first one is what stands above all headings, and has the lesson's title. */
  sections: Section[];
}

export interface Section {
  heading: string;
  blocks: Block[];
  /** The section as it is written, heading and all. */
  raw: string;
  /** In a translation: which wording of the English section it says (digest.ts). */
  translates?: string;
  /** In its file, from 1. */
  line: number;
}

export type Block = Prose | Picture | Code | Console | Predict;

/** Paragraphs, lists, tables, smaller headings. */
export interface Prose {
  kind: "prose";
  tokens: Token[];
}

interface Fenced {
  /** Which fence of the lesson it is, from 1: the same in every language. Variants are counted, too. */
  number: number;
  line: number;
}

/** Words that are to stay where they are: a drawing, a file's text. */
export interface Picture extends Fenced {
  kind: "picture";
  text: string;
}

export interface Code extends Fenced {
  kind: "code";
  /** `ts`, `c`, `sh`, … */
  language: string;
  source: Source;
  /** What the exercise asks for: nobody shows it before the check has passed, and the text here is empty. */
  isReveal: boolean;
  text: string;
}

export interface Console extends Fenced {
  kind: "console";
  /** Outside of the lab it runs as the reader is. */
  isHost: boolean;
  /** Only in a lab; where there is none, the recording is shown. */
  isAttack: boolean;
  /** What of the output differs from run to run. */
  varies: Field[];
  exchanges: Exchange[];
  /** The same commands' outputs on other machines. */
  variants: Partial<Record<MachineKind, Exchange[]>>;
}

export interface Exchange {
  /** As it was typed, with line breaks where it was continued. */
  command: string;
  /** What came: standard output and error are one. A line `…` stands for any lines. */
  output: string[];
}

/** A question that the reader answers before seeing what follows. */
export interface Predict extends Fenced {
  kind: "predict";
  question: Token[];
  choices: Choice[];
  why: Token[];
}

export interface Choice {
  tokens: Token[];
  isRight: boolean;
}

export function consolesOf({ sections }: Lesson): Console[] {
  return sections.flatMap(({ blocks }) => blocks).filter((block) => block.kind === "console");
}

/** What came, or comes, on such a machine. A hybrid one has its controllers where v1 has them. */
export function exchangesOn({ exchanges, variants }: Console, machine: MachineKind): Exchange[] {
  const { hybrid, v1, v2 } = variants;
  const own = { hybrid: hybrid ?? v1, v1, v2 }[machine];
  return own ?? exchanges;
}
