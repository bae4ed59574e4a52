// What the grader itself says, around the lessons' own words.

import type { Language } from "../../../course/lesson/lesson.ts";

const ENGLISH = {
  earlier: "reached earlier, not this time",
  hint: (rung: number) => `Hint ${rung} of 3`,
  more: (lesson: string) => `The next hint: mini-docker learn hint ${lesson}`,
  calls: "Your calls",
  refused: "refused",
  look: "look here",
  neverMade: "never made",
  tally: (reached: number, all: number) => `${reached} of ${all} goals`,
  passed: (lesson: string) => `Lesson ${lesson} is passed.`,
  again: "All goals were reached once, but not by one run.",
  left: "Left behind:",
  /** What a stage is about, where that isn't said in English. */
  about: {} as Record<string, string>,
};

export type Words = typeof ENGLISH;

const CHINESE: Words = {
  earlier: "以前做到过，这次没有",
  hint: (rung) => `提示 ${rung}/3`,
  more: (lesson) => `下一个提示：mini-docker learn hint ${lesson}`,
  calls: "你的调用",
  refused: "被拒绝",
  look: "看这里",
  neverMade: "没走到",
  tally: (reached, all) => `${all} 个目标中达到 ${reached} 个`,
  passed: (lesson) => `第 ${lesson} 课通过了。`,
  again: "每个目标都达到过，但不是在同一次运行里。",
  left: "遗留物：",
  about: {
    "01": "向内核提请求",
    "02": "换一个 /",
    "03": "同样的问题，不同的答案",
    "04": "能用多少",
    "05": "层",
    "06": "有名字的文件系统",
    "07": "更少的权力",
  },
};

export const WORDS: Record<Language, Words> = { en: ENGLISH, zh: CHINESE };
