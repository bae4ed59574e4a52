// Variables and quotes in an instruction's words, as a shell knows them and for the same reason: `$x`, `${x}`, and
//
//   ${x:-word}  word if x is empty or not set      ${x-word}  if it is not set
//   ${x:+word}  word if x is neither               ${x+word}  if it is set
//   ${x:?word}  an error if it is empty or unset   ${x?word}  if it is not set
//   ${x#pat} ${x##pat}  without the shortest, the longest beginning that matches; `%` and `%%` the end
//   ${x/pat/word} ${x//pat/word}  the first match replaced, or all
//
// See the Dockerfile reference, "Environment replacement".

import { parameterPattern } from "./pattern.ts";

/** The value of a variable; undefined where it is not set. */
export type Lookup = (name: string) => string | undefined;

/** A variable that has to have a value, or a brace that is never closed. `at` is an offset in the word. */
export class ExpansionError extends Error {
  override name = "ExpansionError";
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** The word without its quotes, and with values for its variables. Throws ExpansionError. */
export function expandWord(text: string, lookup: Lookup, escapeSign: string): string {
  return new Expansion(text, lookup, escapeSign).all().replaceAll(BREAK, " ");
}

/** The same where a value may be several words: `EXPOSE $PORTS`. */
export function expandWords(text: string, lookup: Lookup, escapeSign: string): string[] {
  const whole = new Expansion(text, lookup, escapeSign, true).all();
  return whole.split(BREAK).filter((word) => word !== "");
}

/** Variables in a text in which quotes are text, too: a here-document. Throws ExpansionError. */
export function expandText(text: string, lookup: Lookup, escapeSign: string): string {
  return new Expansion(text, lookup, escapeSign).allText();
}

/** Stands between words that came out of one; no file and no variable has it. */
const BREAK = "\0";

class Expansion {
  private readonly text: string;
  private readonly lookup: Lookup;
  private readonly escapeSign: string;
  private readonly splits: boolean;
  private at = 0;

  constructor(text: string, lookup: Lookup, escapeSign: string, splits = false) {
    this.text = text;
    this.lookup = lookup;
    this.escapeSign = escapeSign;
    this.splits = splits;
  }

  all(): string {
    let result = "";
    while (this.at < this.text.length) result += this.next();
    return result;
  }

  allText(): string {
    let result = "";
    while (this.at < this.text.length) result += this.nextOfText();
    return result;
  }

  private nextOfText(): string {
    const [sign, after = ""] = [this.text[this.at]!, this.text[this.at + 1]];
    if (sign === "$") return this.variable();
    const isEscape = sign === this.escapeSign && (after === "$" || after === this.escapeSign);
    this.at += isEscape ? 2 : 1;
    return isEscape ? after : sign;
  }

  private next(): string {
    const sign = this.text[this.at]!;
    if (sign === "'") return this.single();
    if (sign === '"') return this.double();
    if (sign === "$") return this.splits ? this.variable().replaceAll(/\s+/g, BREAK) : this.variable();
    this.at++;
    if (sign === this.escapeSign) return this.text[this.at++] ?? "";
    return this.splits && /\s/.test(sign) ? BREAK : sign;
  }

  private single(): string {
    const end = this.text.indexOf("'", this.at + 1);
    if (end < 0)
      throw new ExpansionError("unexpected end of statement while looking for matching single-quote", this.at);
    const inside = this.text.slice(this.at + 1, end);
    this.at = end + 1;
    return inside;
  }

  private double(): string {
    const start = this.at++;
    let result = "";
    while (this.text[this.at] !== '"') {
      if (this.at >= this.text.length) {
        throw new ExpansionError("unexpected end of statement while looking for matching double-quote", start);
      }
      result += this.insideDouble();
    }
    this.at++;
    return result;
  }

  /** The escape is special only before what is special itself. */
  private insideDouble(): string {
    const [sign, after = ""] = [this.text[this.at]!, this.text[this.at + 1]];
    if (sign === "$") return this.variable();
    const isEscape = sign === this.escapeSign && ['"', "$", this.escapeSign].includes(after) && after !== "";
    this.at += isEscape ? 2 : 1;
    return isEscape ? after : sign;
  }

  private variable(): string {
    const start = this.at++;
    if (this.text[this.at] === "{") return this.braced(start);
    const [name = ""] = /^([a-zA-Z_]\w*|[0-9@*#?!$-])/.exec(this.text.slice(this.at)) ?? [];
    this.at += name.length;
    return name === "" ? "$" : (this.lookup(name) ?? "");
  }

  private braced(start: number): string {
    this.at++;
    const [name = ""] = /^([a-zA-Z_]\w*|[0-9@*#?!$-])/.exec(this.text.slice(this.at)) ?? [];
    this.at += name.length;
    if (name === "") throw new ExpansionError("bad substitution: a variable's name is missing", start);
    const [operator = ""] = /^(:?[-+?]|##?|%%?|\/\/?)/.exec(this.text.slice(this.at)) ?? [];
    this.at += operator.length;
    const value = this.lookup(name);
    const word = this.untilBrace(start, operator);
    if (operator === "") return value ?? "";
    if (/^[#%]/.test(operator)) return trimmed(value ?? "", operator, word);
    return operator.startsWith("/")
      ? replaced(value ?? "", operator, word)
      : this.chosen({ name, value, operator, word, start });
  }

  /** The word behind the operator, expanded itself, but with the escapes of a pattern kept. */
  private untilBrace(start: number, operator: string): string {
    const isPattern = /^[#%/]/.test(operator);
    let result = "";
    while (this.text[this.at] !== "}") {
      if (this.at >= this.text.length) throw new ExpansionError("syntax error: missing '}'", start);
      if (operator === "")
        throw new ExpansionError(`unsupported modifier (${this.text[this.at]}) in substitution`, start);
      const isKept = isPattern && this.text[this.at] === this.escapeSign;
      result += isKept ? this.keptEscape() : this.next();
    }
    this.at++;
    return result;
  }

  private keptEscape(): string {
    const kept = `\\${this.text[this.at + 1] ?? ""}`;
    this.at += 2;
    return kept;
  }

  private chosen(o: {
    name: string;
    value: string | undefined;
    operator: string;
    word: string;
    start: number;
  }): string {
    const isThere = o.operator.startsWith(":") ? (o.value ?? "") !== "" : o.value !== undefined;
    if (o.operator.endsWith("-")) return isThere ? o.value! : o.word;
    if (o.operator.endsWith("+")) return isThere ? o.word : "";
    if (isThere) return o.value!;
    throw new ExpansionError(`${o.name}: ${o.word || "parameter is not allowed to be unset"}`, o.start);
  }
}

function trimmed(value: string, operator: string, pattern: string): string {
  const source = parameterPattern(pattern, operator.length === 2);
  if (operator.startsWith("#")) return value.replace(new RegExp(`^(?:${source})`), "");
  // A regular expression finds the leftmost beginning, so the shortest end is looked for from the right.
  const whole = new RegExp(`^(?:${source})$`);
  const starts = Array.from({ length: value.length + 1 }, (_, index) => index);
  const ordered = operator === "%" ? starts.reverse() : starts;
  const found = ordered.find((start) => whole.test(value.slice(start)));
  return found === undefined ? value : value.slice(0, found);
}

function replaced(value: string, operator: string, word: string): string {
  const [, pattern = "", , replacement = ""] = /^((?:\\.|[^\\/])*)(\/([\s\S]*))?$/.exec(word) ?? [];
  if (pattern === "") return value;
  const expression = new RegExp(parameterPattern(pattern, true), operator === "//" ? "g" : "");
  const text = replacement.replaceAll(/\\(.)/g, "$1");
  return value.replace(expression, () => text);
}
