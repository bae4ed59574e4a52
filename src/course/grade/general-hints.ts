// What is said where a lesson has nothing to say: the module can't be read, nothing was started, the kernel refused a call
// that no hint is about. Each says what was seen, where to look, and what would help.

import type { Hint, Say } from "./check.ts";
import { failedCall } from "./questions.ts";
import type { Seen } from "./seen.ts";

type Rungs = [Say, Say, Say];

/** `goal` is what isn't reached. */
export function generalHint(seen: Seen, goal: Say): Hint {
  const [id, say] = saidOf(seen, goal);
  return { id, when: () => true, say };
}

function saidOf(seen: Seen, goal: Say): [id: string, say: Rungs] {
  const failed = failedCall(seen);
  if (seen.error !== undefined) return ["module", moduleError(seen.error)];
  if (seen.outcome === "two probes") return ["two-probes", TWO_PROBES];
  if (seen.outcome === "meddled with") return ["meddled-with", MEDDLED_WITH];
  if (seen.outcome === "unreadable") return ["unreadable", UNREADABLE];
  if (seen.outcome === "too slow") return seen.ended === "never ran" ? ["endless", ENDLESS] : ["too-slow", TOO_SLOW];
  if (failed) return ["refused", refused(failed.call, failed.errno ?? "")];
  if (seen.outcome === "not started") return ["not-started", notStarted(seen)];
  if (seen.ended === "killed") return ["ended-early", endedEarly(seen.killedAt ?? "")];
  return ["not-reached", notReached(goal)];
}

/**
 * Its folder is known, and its name need not be said twice. The next mistake is another one, whichever rung we are on: so the
 * message is in all of them, with the lines of the file that it is about, and what we say stands below.
 */
function moduleError(error: string): Rungs {
  const short = error.replaceAll(/\/\S*\/(?=[^/\s]+\.ts\b)/g, "").replace(/^(\S+) can't be loaded: (?=\1:)/, "");
  const message = short
    .split("\n")
    .filter((line) => line.trim() !== "")
    .join("\n");
  const said = ({ en, zh }: Say): Say => ({
    en: `Your module can't be used. ${message}\n${en}`.trimEnd(),
    zh: `你的模块用不了。${message}\n${zh}`.trimEnd(),
  });
  return [
    said({ en: "", zh: "" }),
    said({
      en: "The place in the message is in your file, as you have saved it. What does the line say, and what was it meant to say?",
      zh: "消息里的位置就是你保存的文件里的位置。那一行写的是什么？本来想写什么？",
    }),
    said({
      en: "A function has to return a list of steps: [ … ] with a step from mini-docker/01-syscalls for each call. `./mini-docker learn reset` gives you the exercise as it was.",
      zh: "函数要返回一个步骤列表：[ … ]，每个调用都是 mini-docker/01-syscalls 里的一个步骤。`./mini-docker learn reset` 可以恢复练习最初的样子。",
    }),
  ];
}

const TWO_PROBES: Rungs = [
  {
    en: "More than one process was the probe. What one of them shows says nothing of the other.",
    zh: "有不止一个进程在运行探针。从一个上看到的，说明不了另一个。",
  },
  {
    en: "Look for a place in the runtime that starts the command twice.",
    zh: "看看运行时里有没有把命令启动了两次的地方。",
  },
  { en: "Start the command once.", zh: "命令只启动一次。" },
];

const MEDDLED_WITH: Rungs = [
  {
    en: "The probe was let go on before it was looked at, or was told other words than the runtime was. Nothing that it shows counts.",
    zh: "探针还没被查看，就有人让它继续了；或者它收到的参数和交给运行时的不一样。它显示的一切都不算数。",
  },
  {
    en: "Who but this check sends signals to the command, and who changes its arguments?",
    zh: "除了这次检查，还有谁给命令发信号？谁改了它的参数？",
  },
  {
    en: "Hand the command's words on as they are, and only signals that the runtime itself was sent.",
    zh: "把命令的参数原样传下去；只转交运行时自己收到的信号。",
  },
];

const UNREADABLE: Rungs = [
  {
    en: "The probe runs, but as somebody whom this check may not look at.",
    zh: "探针在运行，但它属于另一个用户，这次检查没有权限去看。",
  },
  {
    en: "Who started the check, and whose process is the probe? A runtime that calls sudo makes it root's.",
    zh: "检查是谁启动的？探针又是谁的进程？运行时如果用了 sudo，探针就是 root 的。",
  },
  { en: "Start the check itself as root.", zh: "请用 root 来启动检查本身。" },
];

const ENDLESS: Rungs = [
  {
    en: "The time was over, and the program had not begun: something before it doesn't come to an end.",
    zh: "时间到了，程序还没有开始：它之前的某件事没有结束。",
  },
  {
    en: "Is there a loop that never ends, or a call that waits for somebody?",
    zh: "有没有出不来的循环，或者在等别人的调用？",
  },
  {
    en: "What makes the list only writes it down: it has nothing to wait for, and each loop in it needs an end.",
    zh: "生成列表的代码只是把调用写下来：它什么都不用等，里面的每个循环都要有出口。",
  },
];

const TOO_SLOW: Rungs = [
  {
    en: "The time was over. Everything was ended, and nothing is left.",
    zh: "时间到了。所有进程都已结束，什么也没有留下。",
  },
  {
    en: "Either the probe was never told to end, or who started it didn't notice that it has ended. What waits for what?",
    zh: "要么没有人让探针结束，要么启动它的进程没发现它已经结束。到底是谁在等谁？",
  },
  {
    en: "A runtime has to hand signals on to the command, and to end when the command does.",
    zh: "运行时要把信号转交给命令，并且在命令结束时自己也结束。",
  },
];

function refused(call: string, errno: string): Rungs {
  const page = call.split("(")[0] ?? "";
  return [
    { en: `The kernel has refused a call: ${errno}.`, zh: `内核拒绝了一个调用：${errno}。` },
    {
      en: `It is marked in the list below. ${page}(2) says under "ERRORS" what ${errno} means there.`,
      zh: `下面的列表里标出了它。${page}(2) 手册页的 ERRORS 一节说明了 ${errno} 在这里的意思。`,
    },
    {
      en: `Compare this call with the one that the engine makes: mini-docker run --rm --explain base true`,
      zh: `把这个调用和引擎自己的调用比一比：mini-docker run --rm --explain base true`,
    },
  ];
}

function notStarted({ exitCode, printed }: Seen): Rungs {
  // Of an error of a program, the first line says what it was; where in the program, doesn't help.
  const last =
    printed
      .trim()
      .split("\n")
      .findLast((line) => !/^\s*at /.test(line)) ?? "";
  const [en, zh] =
    last === "" ? ["It printed nothing.", "它什么也没打印。"] : [`It printed: ${last}`, `它打印了：${last}`];
  return [
    {
      en: `No process became the probe; the runtime ended with exit code ${exitCode}. ${en}`,
      zh: `没有任何进程变成探针；运行时以退出码 ${exitCode} 结束。${zh}`,
    },
    {
      en: `${en} The last thing that a runtime does is to execute COMMAND, which lies in ROOTFS. Which call was the last that it came to?`,
      zh: `${zh}运行时做的最后一件事，是执行 ROOTFS 里的 COMMAND。它走到的最后一个调用是哪个？`,
    },
    {
      en: `${en} strace -f on the runtime shows each call and what came of it.`,
      zh: `${zh}对运行时用 strace -f，可以看到每个调用及其结果。`,
    },
  ];
}

function endedEarly(word: string): Rungs {
  const [en, zh] = [
    `The probe was ended in the middle of its work, at \`${word}\`. What it would have done, nobody knows.`,
    `探针做到一半就结束了，停在 \`${word}\`。它接下来会做什么，没人知道。`,
  ];
  return [
    { en, zh },
    {
      en: `${en} Who ended it: the kernel, for want of memory, or the runtime?`,
      zh: `${zh}是谁结束了它：是内核因为内存不够，还是运行时？`,
    },
    { en: `${en} A runtime waits until the command ends by itself.`, zh: `${zh}运行时要一直等到命令自己结束。` },
  ];
}

function notReached(goal: Say): Rungs {
  return [
    { en: `Not so: ${goal.en}.`, zh: `还做不到：${goal.zh}。` },
    {
      en: "Run `mini-docker learn try` with a shell as the command, and look from inside and outside at what the goal is about.",
      zh: "用 `mini-docker learn try` 启动一个 shell，从里面和外面分别看看这个目标说的东西。",
    },
    {
      en: "The lesson's own list of calls is in the lesson's text: compare yours with it, call by call.",
      zh: "课文里有本课自己的调用列表：拿你的和它逐个比较。",
    },
  ];
}
