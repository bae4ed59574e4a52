// ENV, LABEL and ARG: names with values. `ENV name the rest of the line` is the old way of writing one.

import type { ProcessConfig } from "../../06-images/index.ts";
import { mergeEnv } from "../../10-containers/spec/process.ts";
import { type Arguments, expanded, type Kind, requireWords, type Surroundings } from "../deed.ts";
import { type Line, mistakeIn } from "../lines.ts";
import type { Word } from "../words.ts";

interface Pair {
  name: Word;
  /** Undefined for an ARG without one. */
  value: Word | undefined;
}

export const env: Kind<Pair[]> = {
  parse: pairsOf,
  plan(pairs, around, line) {
    const { process } = around;
    const added = valuesOf(pairs, around, line);
    return {
      process: { ...process, Env: mergeEnv(process.Env ?? [], added.map(joinedPair)) },
      history: `ENV ${joined(added)}`,
    };
  },
};

export const label: Kind<Pair[]> = {
  parse: pairsOf,
  plan(pairs, around, line) {
    const added = valuesOf(pairs, around, line);
    const Labels: ProcessConfig["Labels"] = { ...around.process.Labels, ...Object.fromEntries(added) };
    return { process: { ...around.process, Labels }, history: `LABEL ${joined(added)}` };
  },
};

export const arg: Kind<Pair[]> = {
  parse(written) {
    return requireWords(written, 1).map((word) => checked(written, splitPair(word)));
  },
  plan(pairs, around, line) {
    const said = pairs.map(({ name, value }) => {
      const text = value && expanded(value, around, line);
      around.variables.declare(expanded(name, around, line), text);
      return text === undefined ? name.text : `${name.text}=${text}`;
    });
    return { history: `ARG ${said.join(" ")}` };
  },
};

function pairsOf(written: Arguments): Pair[] {
  const words = requireWords(written, 1);
  const [first] = words;
  if (first!.text.includes("=")) return words.map((word) => checked(written, wholePair(written, word)));
  return [checked(written, oldPair(written, first!))];
}

/** `NAME the whole rest, spaces included` */
function oldPair({ line, rest, keyword }: Arguments, name: Word): Pair {
  const at = name.at + name.text.length;
  const value = line.text.slice(at).trim();
  if (value === "") throw mistakeIn(line, `${keyword} must have two arguments`, rest);
  return { name, value: { text: value, at: line.text.indexOf(value, at) } };
}

function wholePair({ line }: Arguments, word: Word): Pair {
  const pair = splitPair(word);
  if (pair.value) return pair;
  const hint = "if the value has spaces in it, put it in quotes";
  throw mistakeIn(
    line,
    `Syntax error - can't find = in ${JSON.stringify(word.text)}. Must be of the form: name=value`,
    word,
    hint,
  );
}

function splitPair(word: Word): Pair {
  const at = word.text.indexOf("=");
  if (at < 0) return { name: word, value: undefined };
  const value = { text: word.text.slice(at + 1), at: word.at + at + 1 };
  return { name: { text: word.text.slice(0, at), at: word.at }, value };
}

function checked({ line, keyword }: Arguments, pair: Pair): Pair {
  if (pair.name.text !== "") return pair;
  throw mistakeIn(line, `${keyword} names can not be blank`, { ...pair.name, text: "=" });
}

/** All see the variables as they were before the instruction. */
function valuesOf(pairs: Pair[], around: Surroundings, line: Line): [string, string][] {
  return pairs.map(({ name, value }) => [expanded(name, around, line), value ? expanded(value, around, line) : ""]);
}

function joined(pairs: [string, string][]): string {
  return pairs.map(joinedPair).join(" ");
}

function joinedPair([name, value]: [string, string]): string {
  return `${name}=${value}`;
}
