import { expect, test } from "vitest";
import { glossaryProblems } from "../../../src/course/lesson/glossary.ts";
import type { Language } from "../../../src/course/lesson/lesson.ts";
import { parseLesson } from "../../../src/course/lesson/parse.ts";
import { marked, translationProblems } from "../../../src/course/lesson/translation.ts";

const ENGLISH = `# Namespaces

A namespace is an answer.

## See it

Look at \`pid\`.

\`\`\`console varies=pid
$ ps
1
\`\`\`

\`\`\`predict
How many?

- [ ] one
- [x] two

> So it is.
\`\`\`
`;

const CHINESE = marked(
  ENGLISH,
  `# 命名空间

命名空间是一种回答。

## 看一看

看 \`pid\`。

\`\`\`console varies=pid
$ ps
1
\`\`\`

\`\`\`predict
有几个？

- [ ] 一个
- [x] 两个

> 就是这样。
\`\`\`
`,
);

const lesson = (text: string, language: Language) => parseLesson(text, { name: "03-namespaces", language });
const problems = (english: string, chinese: string) =>
  translationProblems(lesson(english, "en"), lesson(chinese, "zh"));

test("a translation that says the same has no problems", () => {
  expect(problems(ENGLISH, CHINESE)).toEqual([]);
  expect(marked(ENGLISH, CHINESE)).toBe(CHINESE);
});

test.each([
  ["a changed word", ENGLISH.replace("an answer", "an answer, often"), CHINESE, 'stale: "Namespaces" was changed'],
  ["a changed question", ENGLISH.replace("How many?", "How many are there?"), CHINESE, 'stale: "See it" was changed'],
  ["a missing fence", ENGLISH, CHINESE.replace(/```predict[\s\S]*?```\n/, ""), "has 1 fences, and"],
  ["other output", ENGLISH, CHINESE.replace("\n1\n", "\n2\n"), "fence 1 isn't the one of"],
  ["another right answer", ENGLISH, CHINESE.replace("[ ]", "[x]"), "fence 2 isn't the one of"],
  ["a missing section", ENGLISH, CHINESE.replace(/## [\s\S]*/, ""), "it has 1 sections and the English lesson 2"],
  ["no mark", ENGLISH, CHINESE.replace(/<!-- en: \w+ -->\n/, ""), 'stale: "Namespaces"'],
])("%s is found", (_, english, chinese, problem) => {
  expect(problems(english, chinese).join("\n")).toContain(problem);
});

test("what a command prints and what the source says can change without a translator", () => {
  const later = (text: string) => text.replace("\n1\n", "\n2\n");
  expect(problems(later(ENGLISH), later(CHINESE))).toEqual([]);
});

test("a term has its one word in the section that says the same", () => {
  const check = (english: string, chinese: string, glossary: Record<string, string>) =>
    glossaryProblems(lesson(english, "en"), lesson(chinese, "zh"), glossary);
  const capabilities = ENGLISH.replace("Look at", "Capabilities: look at");
  expect(check(ENGLISH, CHINESE, { namespace: "命名空间", pid: "进程号" })).toEqual([]);
  expect(check(ENGLISH, CHINESE, { answer: "答案" })).toEqual(['1: "命名空间" doesn\'t say 答案 for "answer"']);
  expect(check(capabilities, CHINESE, { capability: "能力" })).toHaveLength(1);
});
