// What an instruction comes to when its turn is there: a change of the image's config, work on its files, or both. Every
// kind of instruction is a file in `instructions/` that says how it is written and what it does; they share these words.

import type { Descriptor, ImageConfig, ProcessConfig } from "../06-images/index.ts";
import type { BuildContext } from "./context.ts";
import { ExpansionError, expandWord, expandWords } from "./expand.ts";
import { type Line, mistakeIn } from "./lines.ts";
import { nearest } from "./mistake.ts";
import type { StageVariables } from "./variables.ts";
import { type Flag, splitWords, type Word } from "./words.ts";
import type { Workspace } from "./workspace.ts";

/** A filesystem that is made: an image's, or a stage's up to some step. */
export interface Snapshot {
  /** Names all that led to its files: base, instructions, and the contents they used. */
  key: string;
  config: ImageConfig;
  /** Blobs, lowest first. */
  layers: Descriptor[];
}

/** Everything that instructions may ask for while they are planned. */
export interface Surroundings {
  config: ImageConfig;
  process: ProcessConfig;
  variables: StageVariables;
  context: BuildContext;
  /** Another stage by name or number, or an image, for `--from`. */
  snapshot(name: string): Promise<Snapshot>;
  /** A way to lend the root of a snapshot's files, which are unpacked now. */
  looking(snapshot: Snapshot): Promise<Look>;
  secrets: ReadonlyMap<string, Secret>;
  /** Of steps that ask for none in particular. */
  network: Network;
  /** Seconds since 1970, if SOURCE_DATE_EPOCH says so. */
  epoch: number | undefined;
  /** Tells whoever builds of what is not as the line says. */
  warn(message: string): void;
  /** For downloads. */
  signal: AbortSignal;
  /** Where what is downloaded may lie until the build ends. */
  draftFolder: string;
}

export type Network = "host" | "none";

/** Lends `work` a descriptor of a filesystem's root, and the process that holds it. */
export type Look = <T>(work: (root: number, pid: number) => T) => T;

export interface Secret {
  /** A path, or the value itself. */
  source: { path: string } | { value: string };
}

export interface Deed {
  /** As `docker history` shows it; the instruction itself unless said. */
  history?: string;
  process?: ProcessConfig;
  author?: string;
  files?: FileWork;
}

export interface FileWork {
  /** Everything its outcome depends on that is in the instruction, or in the config. */
  about: unknown;
  /** Key of the snapshot that files are taken from: as long as it is the same, nobody needs to look at them. */
  from?: string;
  /** The files used, in one number that is the same for equal ones, wherever they are from. */
  content?(): string | Promise<string>;
  carryOut(workspace: Workspace): void | Promise<void>;
  /** Where nothing has changed there is no layer either: a `WORKDIR` that was there. */
  mayBeNothing?: boolean;
  /** It looks at nothing of what it goes onto, and fits onto anything: `COPY --link`. */
  isAlone?: boolean;
}

/** An instruction's own part of its line. */
export interface Arguments {
  line: Line;
  keyword: string;
  flags: Flag[];
  /** Everything behind the flags. */
  rest: Word;
}

export interface Kind<Wish> {
  /** Without their dashes. */
  flags?: readonly string[];
  /** Throws UserError, with the line, for what can't be meant. */
  parse(written: Arguments): Wish;
  /** Names of stages or images that it needs, as written. */
  needs?(wish: Wish): Word[];
  plan(wish: Wish, around: Surroundings, line: Line): Deed | Promise<Deed>;
}

/** An instruction that was understood. */
export interface Statement {
  keyword: string;
  line: Line;
  needs: Word[];
  /** Shows in progress and history: the line, with its spaces as they are. */
  text: string;
  wish: unknown;
  makesFiles: boolean;
  plan(around: Surroundings): Deed | Promise<Deed>;
}

// ---- what several kinds need

export function wordsOf({ line, rest }: Arguments): Word[] {
  return splitWords(line.text, rest.at, line.escapeSign);
}

/** Throws UserError unless there are that many words. */
export function requireWords(written: Arguments, least: number, most = Number.POSITIVE_INFINITY): Word[] {
  const words = wordsOf(written);
  if (words.length >= least && words.length <= most) return words;
  const count = least === 1 ? "one argument" : "two arguments";
  const bound = least === most ? "exactly" : "at least";
  throw mistakeIn(written.line, `${written.keyword} requires ${bound} ${count}`, words[most]);
}

/** The value of a flag that may be given once. */
export function flagOf({ line, flags }: Arguments, name: string): Word | undefined {
  const given = flags.filter((flag) => flag.name === name);
  if (given.length > 1) throw mistakeIn(line, `Duplicate flag specified: ${name}`, given[1]!.word);
  const [flag] = given;
  if (!flag) return undefined;
  const { word, value } = flag;
  if (value === undefined) throw mistakeIn(line, `Missing a value on flag: ${name}`, word);
  return { text: value, at: word.at + word.text.length - value.length };
}

/** `--link`, `--link=false` */
export function switchOf({ line, flags }: Arguments, name: string): boolean {
  const flag = flags.findLast((each) => each.name === name);
  if (!flag) return false;
  if (flag.value === undefined || flag.value === "true") return true;
  if (flag.value === "false") return false;
  throw mistakeIn(line, `expecting boolean value for flag ${name}, not: ${flag.value}`, flag.word);
}

/** Throws UserError for flags that the instruction doesn't have. */
export function checkFlags({ line, flags, keyword }: Arguments, known: readonly string[]): void {
  const stray = flags.find(({ name }) => !known.includes(name));
  if (!stray) return;
  const guess = nearest(stray.name, known);
  const hint = guess === undefined ? undefined : `did you mean --${guess}?`;
  throw mistakeIn(line, `unknown flag: --${stray.name} (${keyword})`, stray.word, hint);
}

/** The word with its variables' values; a mistake in it is shown where it is. */
export function expanded(word: Word, { variables }: Pick<Surroundings, "variables">, line: Line): string {
  return pointingAt(word, line, () => expandWord(word.text, variables.lookup, line.escapeSign));
}

export function expandedWords(word: Word, { variables }: Pick<Surroundings, "variables">, line: Line): string[] {
  return pointingAt(word, line, () => expandWords(word.text, variables.lookup, line.escapeSign));
}

export function pointingAt<T>(word: Word, line: Line, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ExpansionError)) throw error;
    const at = word.at + error.at;
    throw mistakeIn(line, error.message, { at, text: word.text.slice(error.at) });
  }
}
