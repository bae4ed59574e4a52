// What the book says around its lessons.

import type { Language } from "../../lesson/index.ts";

interface BookWords {
  title: string;
  about: string;
  lessons: string;
  otherLanguage: string;
  replay: string;
  replayAbout: string;
  noScript: string;
}

export const BOOK_WORDS: Record<Language, BookWords> = {
  en: {
    title: "Containers are system calls",
    about:
      "The lessons of mini-docker, to be read anywhere. All code is the engine's own, all outputs came out of a real machine, and a run can be walked through call by call. To do the exercises, and to have the kernel look at your own, start <code>mini-docker playground</code> on Linux.",
    lessons: "Lessons",
    otherLanguage: "中文",
    replay: "A run, call by call",
    replayAbout: "Recorded on a real machine. It begins where the code of this lesson has its turn.",
    noScript: "The run can be walked through where scripts are allowed.",
  },
  zh: {
    title: "容器就是系统调用",
    about:
      "mini-docker 的课程，在哪里都能读。所有代码都是引擎自己的，所有输出都来自真实的机器，还可以逐个调用地走完一次运行。要做练习并让内核检查你自己的代码，请在 Linux 上启动 <code>mini-docker playground</code>。",
    lessons: "课程",
    otherLanguage: "English",
    replay: "逐个调用地看一次运行",
    replayAbout: "在真实的机器上录制。从本课的代码开始执行的地方看起。",
    noScript: "允许脚本运行时，可以逐个调用地走一遍。",
  },
};
