// Before anything else a Dockerfile may say how it is to be read: `# escape=\``. Such lines are comments to everybody who
// doesn't know them, and after the first line that is none of them they are comments to us as well.

import { mistake, type Source } from "./mistake.ts";

export interface Directives {
  /** Joins a line with the next, and takes the meaning from the character after it. */
  escapeSign: "\\" | "`";
}

const DIRECTIVE = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/;
/** `syntax` names another reader and `check` what it should complain about; there is only this one. */
const KNOWN = ["syntax", "escape", "check"];

/** Throws UserError for an `escape` that is neither of the two, and for one that is said twice. */
export function readDirectives(source: Source): Directives {
  const said = new Map<string, string>();
  for (const [index, text] of source.lines.entries()) {
    const [, key = "", value = ""] = DIRECTIVE.exec(text) ?? [];
    const name = key.toLowerCase();
    if (!KNOWN.includes(name)) break;
    const place = { line: index + 1, column: 1, length: text.length };
    if (said.has(name)) throw mistake(source, place, `only one ${name} parser directive can be used`);
    said.set(name, value);
    if (name === "escape" && value !== "\\" && value !== "`") {
      throw mistake(source, place, `invalid escape token '${value}' does not match \` or \\`);
    }
  }
  return { escapeSign: said.get("escape") === "`" ? "`" : "\\" };
}
