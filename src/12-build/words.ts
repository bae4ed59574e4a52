// A line taken apart: into words as a shell would, into flags and the rest, or as JSON. Words keep their quotes, since it
// depends on the instruction what they mean; `expand.ts` takes them off.

/** A part of a line, and where in it that begins. */
export interface Word {
  text: string;
  at: number;
}

/** `a "b c" d\ e` → `a`, `"b c"`, `d\ e` */
export function splitWords(text: string, start: number, escapeSign: string): Word[] {
  const words: Word[] = [];
  for (let at = start; at < text.length; ) {
    if (/\s/.test(text[at]!)) {
      at++;
      continue;
    }
    const end = endOfWord(text, at, escapeSign);
    words.push({ text: text.slice(at, end), at });
    at = end;
  }
  return words;
}

function endOfWord(text: string, start: number, escapeSign: string): number {
  let quote = "";
  let at = start;
  for (; at < text.length; at++) {
    const sign = text[at]!;
    if (quote === "" && /\s/.test(sign)) break;
    // Between single quotes even the escape is itself.
    if (sign === escapeSign && quote !== "'") at++;
    else if (sign === quote) quote = "";
    else if (quote === "" && /["']/.test(sign)) quote = sign;
  }
  return Math.min(at, text.length);
}

export interface Flag {
  name: string;
  /** Undefined for a switch. */
  value: string | undefined;
  word: Word;
}

/** What follows an instruction's name: flags first, and where the rest begins. `--` ends the flags. */
export function splitFlags(text: string, start: number, escapeSign: string): { flags: Flag[]; rest: number } {
  const flags: Flag[] = [];
  for (const word of splitWords(text, start, escapeSign)) {
    if (word.text === "--") return { flags, rest: word.at + 2 };
    if (!word.text.startsWith("--")) return { flags, rest: word.at };
    const [, name = "", value] = /^--([^=]*)(?:=(.*))?$/s.exec(word.text) ?? [];
    flags.push({ name, value, word });
  }
  return { flags, rest: text.length };
}

/** `["a", "b"]`; undefined for anything else, which is then meant for a shell. */
export function jsonList(text: string): string[] | undefined {
  if (!text.trimStart().startsWith("[")) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((item) => typeof item === "string") ? list : undefined;
  } catch {
    return undefined;
  }
}
