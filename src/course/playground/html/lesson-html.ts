// A lesson as HTML, the same for the playground and the book. It needs no script to be read; what a script adds (running a
// command, answering a question) finds its place by the classes and the data that are here.

import {
  type Block,
  type Code,
  type Console,
  type DiffLine,
  type Exchange,
  exchangesOn,
  type Lesson,
  type MachineKind,
  type Predict,
} from "../../lesson/index.ts";
import { codeHtml, differenceHtml } from "./code-html.ts";
import { escaped } from "./escape.ts";
import { inlineHtml, proseHtml } from "./prose-html.ts";
import { type LessonWords, SAID } from "./said.ts";

export interface LessonView {
  /** Whose outputs are shown. */
  machine: MachineKind;
  /** How many ranks lower the headings are than in the lesson. */
  deeper: number;
  /** What the exercise asked for, once it may be shown. */
  revealOf(code: Code): DiffLine[] | undefined;
}

export function lessonHtml(lesson: Lesson, view: LessonView): string {
  const said = SAID[lesson.language];
  const sections = lesson.sections.map(({ heading, blocks }, index) => {
    const tag = `h${(index === 0 ? 1 : 2) + view.deeper}`;
    const body = blocks.map((block) => blockHtml(block, view, said)).join("\n");
    return `<section>\n<${tag}>${inlineHtml(heading)}</${tag}>\n${body}\n</section>`;
  });
  return sections.join("\n");
}

function blockHtml(block: Block, view: LessonView, said: LessonWords): string {
  switch (block.kind) {
    case "prose":
      return proseHtml(block.tokens, view.deeper);
    case "picture":
      return `<pre class="picture" tabindex="0">${escaped(block.text)}</pre>`;
    case "code":
      return block.isReveal ? revealHtml(block, view, said) : figure(block, codeHtml(block.text, block.language));
    case "console":
      return consoleHtml(block, view, said);
    case "predict":
      return predictHtml(block, said);
  }
}

function figure({ source }: Code, html: string, note = ""): string {
  const name = source.symbol === undefined ? source.path : `${source.path} · ${source.symbol}`;
  const caption = `<figcaption><span>${escaped(name)}</span>${note}</figcaption>`;
  return `<figure class="code">${caption}<pre tabindex="0"><code>${html}</code></pre></figure>`;
}

function revealHtml(code: Code, { revealOf }: LessonView, said: LessonWords): string {
  const lines = revealOf(code);
  if (!lines) return `<p class="sealed">${said.sealed}</p>`;
  return figure(code, differenceHtml(lines, code.language), `<span>${said.reveal}</span>`);
}

function consoleHtml(block: Console, { machine }: LessonView, said: LessonWords): string {
  const note = block.isAttack ? said.attack : block.isHost ? said.host : "";
  const head = note === "" ? "" : `<p class="note">${note}</p>`;
  const where = block.isHost ? "host" : "lab";
  const exchanges = exchangesOn(block, machine).map(exchangeHtml).join("");
  return `<div class="console" data-where="${where}" data-fence="${block.number}">${head}${exchanges}</div>`;
}

function exchangeHtml({ command, output }: Exchange): string {
  const prompt = `<span aria-hidden="true">$ </span>`;
  const typed = escaped(command).replaceAll("\n", '\n<span aria-hidden="true">&gt; </span>');
  const printed = output.length === 0 ? "" : `<pre class="output" tabindex="0">${escaped(output.join("\n"))}</pre>`;
  return `<div class="exchange"><pre class="command" data-command="${escaped(command)}">${prompt}${typed}</pre>${printed}</div>`;
}

/** One choice is right, or several are. */
function predictHtml({ number, question, choices, why }: Predict, said: LessonWords): string {
  const type = choices.filter(({ isRight }) => isRight).length > 1 ? "checkbox" : "radio";
  const rows = choices.map(({ tokens, isRight }) => {
    const input = `<input type="${type}" name="predict-${number}" data-right="${isRight}">`;
    return `<label>${input}<span>${proseHtml(tokens).replace(/^<p>|<\/p>\s*$/g, "")}</span></label>`;
  });
  return [
    `<form class="predict"><fieldset><legend>${said.predict}</legend>`,
    `${proseHtml(question)}${rows.join("")}`,
    `<button type="submit">${said.answer}</button></fieldset>`,
    `<div class="why" role="status" data-right="${said.right}" data-wrong="${said.wrong}" hidden>${proseHtml(why)}</div></form>`,
  ].join("\n");
}
