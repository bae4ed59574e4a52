// What the grader itself says, around the lessons' own words.

import type { Language } from "../../../course/lesson/lesson.ts";

const ENGLISH = {
  checking: (lesson: string) => `checking ${lesson} …`,
  earlier: "reached earlier, not this time",
  hint: (rung: number) => `Hint ${rung} of 3`,
  more: (lesson: string) => `The next hint: ./mini-docker learn hint ${lesson}`,
  calls: "Your calls",
  refused: "refused",
  look: "look here",
  neverMade: "never made",
  tally: (reached: number, all: number) => `${reached} of ${all} goals`,
  passed: (lesson: string) => `Lesson ${lesson} is passed.`,
  again: "All goals were reached once, but not by one run.",
  left: "Left behind:",
  menu: (isPassed: boolean) =>
    `Enter: check   ${isPassed ? "n: next lesson" : "h: hint"}   q: leave   (checks when you save)`,
  reset: (file: string) => `${file} is as it was at first.`,
  kept: (file: string) => `Yours is kept as ${file}.`,
  notPassed: (lesson: string) => `lesson ${lesson} hasn't passed yet, and its solution is worth more afterwards`,
  insist: (lesson: string) => `./mini-docker learn hint ${lesson} says a little more; --yes shows it all the same`,
  difference: "yours (-) and ours (+)",
  same: "yours and ours are the same",
  passedOn: (date: string) => `passed on ${date}`,
  student: "student",
  sum: "all",
  passedByAll: "passed by",
  /** What a stage is about, where that isn't said in English. */
  about: {} as Record<string, string>,
};

export type Words = typeof ENGLISH;

const CHINESE: Words = {
  checking: (lesson) => `正在检查 ${lesson}……`,
  earlier: "以前做到过，这次没有",
  hint: (rung) => `提示 ${rung}/3`,
  more: (lesson) => `下一个提示：./mini-docker learn hint ${lesson}`,
  calls: "你的调用",
  refused: "被拒绝",
  look: "看这里",
  neverMade: "没走到",
  tally: (reached, all) => `${all} 个目标中达到 ${reached} 个`,
  passed: (lesson) => `第 ${lesson} 课通过了。`,
  again: "每个目标都达到过，但不是在同一次运行里。",
  left: "遗留物：",
  menu: (isPassed) => `回车：检查   ${isPassed ? "n：下一课" : "h：提示"}   q：离开   （保存时自动检查）`,
  reset: (file) => `${file} 已恢复到最初的样子。`,
  kept: (file) => `你写的保存在 ${file}。`,
  notPassed: (lesson) => `第 ${lesson} 课还没通过；通过以后再看答案，收获更大`,
  insist: (lesson) => `./mini-docker learn hint ${lesson} 会再多说一点；加 --yes 就直接显示`,
  difference: "你的（-）和我们的（+）",
  same: "你写的和我们的一样",
  passedOn: (date) => `${date} 通过`,
  student: "学生",
  sum: "合计",
  passedByAll: "通过人数",
  about: {
    "01": "向内核提请求",
    "02": "换一个 /",
    "03": "同样的问题，不同的答案",
    "04": "能用多少",
    "05": "层",
    "06": "有名字的文件系统",
    "07": "更少的权力",
    "08": "一根线缆",
    "09": "留下来的东西",
  },
};

export const WORDS: Record<Language, Words> = { en: ENGLISH, zh: CHINESE };
