// What the reader itself says, around the lessons' own words.

import type { Language } from "../../../course/lesson/index.ts";

const ENGLISH = {
  inLab: "in the lab",
  onHost: "on your machine",
  attack: "attack, in the lab",
  prediction: "Before you go on",
  answer: "So it is",
  right: "You were right.",
  wrong: "It is another one.",
  hidden: (number: string) => `Ours is shown here when yours has passed: ./mini-docker learn check ${number}`,
  difference: "yours (-) and ours (+)",
  noneOfYours: "ours",
  which: (last: number) => `Which one? 1–${last}, or Enter to see`,
  goOn: "Enter: on    q: leave",
  end: (number: string) => `That was lesson ${number}.`,
};

export type Words = typeof ENGLISH;

const CHINESE: Words = {
  inLab: "在实验室里",
  onHost: "在你的机器上",
  attack: "攻击，在实验室里",
  prediction: "先猜一猜",
  answer: "答案",
  right: "你猜对了。",
  wrong: "答案是另一个。",
  hidden: (number) => `等你的代码通过检查，这里会显示我们的写法：./mini-docker learn check ${number}`,
  difference: "你的（-）和我们的（+）",
  noneOfYours: "我们的写法",
  which: (last) => `选哪个？1–${last}，或按回车看答案`,
  goOn: "回车：继续    q：离开",
  end: (number) => `第 ${number} 课到此结束。`,
};

export const WORDS: Record<Language, Words> = { en: ENGLISH, zh: CHINESE };
