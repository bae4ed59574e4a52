// What the page adds to a lesson's own words.

import type { Language } from "../../lesson/index.ts";

export interface LessonWords {
  host: string;
  attack: string;
  sealed: string;
  reveal: string;
  predict: string;
  answer: string;
  right: string;
  wrong: string;
}

export const SAID: Record<Language, LessonWords> = {
  en: {
    host: "outside of the lab",
    attack: "an attack: only in a lab",
    sealed: "This opens when your own has passed its check.",
    reveal: "− yours, + ours",
    predict: "Before you look",
    answer: "Answer",
    right: "Right.",
    wrong: "Not quite.",
  },
  zh: {
    host: "在实验室之外",
    attack: "攻击：只能在实验室里进行",
    sealed: "等你自己的代码通过检查，这里才会打开。",
    reveal: "− 你的，+ 我们的",
    predict: "先别看结果",
    answer: "回答",
    right: "对。",
    wrong: "不完全对。",
  },
};
