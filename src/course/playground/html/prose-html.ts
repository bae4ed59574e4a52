// Prose as HTML. Markdown may hold HTML of its own; here that is text like any other.

import { Marked, type Token, type Tokens } from "marked";
import { escaped } from "./escape.ts";

/** A heading's words, for example. */
export function inlineHtml(text: string): string {
  return new Marked().parseInline(escaped(text), { async: false });
}

/** `deeper`: the lesson's title is a heading of this much lower rank than the first. */
export function proseHtml(tokens: Token[], deeper = 0): string {
  const marked = new Marked({
    renderer: {
      html: ({ text }: Tokens.HTML | Tokens.Tag) => escaped(text),
      heading({ depth, tokens: own }) {
        const tag = `h${Math.min(depth + deeper, 6)}`;
        return `<${tag}>${this.parser.parseInline(own)}</${tag}>\n`;
      },
      link({ href, tokens: own }) {
        const text = this.parser.parseInline(own);
        if (/^https?:/.test(href)) return `<a href="${escaped(href)}" target="_blank" rel="noreferrer">${text}</a>`;
        // A place in the repository, which isn't beside this page.
        return `<span class="place" title="${escaped(href.replace(/^(\.\.\/)+/, ""))}">${text}</span>`;
      },
      image: ({ text }) => escaped(text),
      table(token) {
        // A wide table moves by itself, and the page stays where it is.
        return `<div class="wide" tabindex="0" role="region" aria-label="${escaped(textOf(token))}">${tableHtml(this, token)}</div>`;
      },
    },
  });
  return marked.parser(tokens as Parameters<typeof marked.parser>[0]);
}

function textOf({ header }: Tokens.Table): string {
  return header.map(({ text }) => text).join(", ");
}

interface Parsing {
  parser: { parseInline(tokens: Token[]): string };
}

function tableHtml({ parser }: Parsing, { header, rows }: Tokens.Table): string {
  const cells = (tag: string, row: Tokens.TableCell[]) =>
    row.map(({ tokens }) => `<${tag}>${parser.parseInline(tokens)}</${tag}>`).join("");
  const body = rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("");
  return `<table><thead><tr>${cells('th scope="col"', header).replaceAll('</th scope="col">', "</th>")}</tr></thead><tbody>${body}</tbody></table>`;
}
