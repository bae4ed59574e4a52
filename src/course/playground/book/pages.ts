// The book's pages, around the lessons.

import type { Language, Lesson } from "../../lesson/index.ts";
import { escaped } from "../html/escape.ts";
import { BOOK_WORDS } from "./words.ts";

/** Leads to the contents in the browser's language, or lets the reader choose. */
export function doorPage(): string {
  const links = (["en", "zh"] as const)
    .map(
      (language) =>
        `<li><a href="${language}/index.html" lang="${LANG[language]}">${BOOK_WORDS[language].title}</a></li>`,
    )
    .join("");
  const body = `<main class="text"><section><h1>mini-docker</h1><ul class="contents">${links}</ul></section></main>`;
  return page({ language: "en", title: "mini-docker", body, up: "" });
}

export function contentsPage(language: Language, lessons: Lesson[]): string {
  const said = BOOK_WORDS[language];
  const rows = lessons.map(({ number, name, title }) => {
    return `<li><a href="${name}.html"><span>${number}</span>${escaped(title)}</a></li>`;
  });
  const text = `<h1>${said.title}</h1><p>${said.about}</p><ol class="contents">${rows.join("")}</ol>`;
  const body = `${top(language, "index")}<main class="text"><section>${text}</section></main>`;
  return page({ language, title: said.title, body, up: "../" });
}

export interface Neighbours {
  before: Lesson | undefined;
  after: Lesson | undefined;
}

/** `html` is the lesson's text. */
export function lessonPage(
  { language, name, number, title }: Lesson,
  html: string,
  { before, after }: Neighbours,
): string {
  const said = BOOK_WORDS[language];
  const replay = `<section class="replay"><h2>${said.replay}</h2><p>${said.replayAbout}</p>
<div id="replay" data-stage="${number}"></div><noscript><p>${said.noScript}</p></noscript></section>`;
  const foot = `<nav class="book-foot" aria-label="${said.lessons}">${link(before, "← ")}${link(after, "", " →")}</nav>`;
  const body = `${top(language, name)}<main class="text">${html}</main>${replay}${foot}`;
  return page({ language, title: `${number} · ${title}`, body, up: "../", scripts: ["run.js", "book.js"] });
}

function link(lesson: Lesson | undefined, before = "", after = ""): string {
  return lesson ? `<a href="${lesson.name}.html">${before}${escaped(lesson.title)}${after}</a>` : "<span></span>";
}

function top(language: Language, name: string): string {
  const other = language === "en" ? "zh" : "en";
  const { title, otherLanguage, lessons } = BOOK_WORDS[language];
  const switched = `<a href="../${other}/${name}.html" lang="${LANG[other]}">${otherLanguage}</a>`;
  return `<nav class="book-top" aria-label="${lessons}"><a href="index.html">${title}</a>${switched}</nav>`;
}

const LANG: Record<Language, string> = { en: "en", zh: "zh-Hans" };

interface Page {
  language: Language;
  title: string;
  body: string;
  /** The way to the book's folder. */
  up: string;
  scripts?: string[];
}

function page({ language, title, body, up, scripts = [] }: Page): string {
  return `<!doctype html>
<html lang="${LANG[language]}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<link rel="stylesheet" href="${up}book.css">
${scripts.map((name) => `<script defer src="${up}${name}"></script>`).join("\n")}
</head>
<body class="book">
${body}
</body>
</html>
`;
}
