// Lesson 01: what a program finds open when it begins. The runtime is started with meter's key open, as a careless script on
// the gateway would start it.

import { type Check, callsNamed, type Seen } from "mini-docker/course";

const STANDARD = [0, 1, 2];

const numbers = ({ probe }: Seen) => probe.descriptors.map(({ fd }) => fd);
const ofOurs = (seen: Seen) => callsNamed(seen, "close_range").filter(({ isTheirs }) => isTheirs);
const isOurs = ({ isTheirs }: { isTheirs: boolean }) => isTheirs;

export default {
  scenarios: [{ id: "start", probe: ["wait", "pread", "{keyFd}", "wait"], leaksKey: true, rootfs: "host" }],
  goals: [
    {
      id: "runs",
      goal: { en: "the program runs", zh: "程序运行起来了" },
      reached: ({ exitCode }) => exitCode === 0,
      hints: [
        {
          id: "line-cut",
          when: (seen) => ofOurs(seen).some(({ call }) => !call.includes("CLOEXEC")),
          marks: isOurs,
          say: [
            {
              en: "The launcher fell silent after your call: nobody heard that the program runs. Your call has closed something that the launcher still needed.",
              zh: "你的调用之后，启动器就没了声音：没人听到程序已经运行。你的调用关掉了启动器还要用的东西。",
            },
            {
              en: "The launcher reports and listens on descriptor 3, up to the moment when its child becomes the program. close_range(2) has a flag for those who still need what they close.",
              zh: "启动器靠描述符 3 汇报和听命，一直用到子进程变成目标程序的那一刻。close_range(2) 有一个标志，正是给“现在还要用、到时候再关”的人准备的。",
            },
            {
              en: "Mark instead of closing: flags: ask.CLOSE_RANGE.CLOEXEC. Then execve closes them.",
              zh: "不要关，只做标记：flags: ask.CLOSE_RANGE.CLOEXEC。真正的关闭由 execve 来做。",
            },
          ],
        },
      ],
    },
    {
      id: "has-its-three",
      goal: { en: "it has its input, output and error output", zh: "它有标准输入、标准输出和标准错误" },
      reached: (seen) => STANDARD.every((fd) => numbers(seen).includes(fd)),
      hints: [
        {
          id: "none-left",
          when: (seen) => !STANDARD.every((fd) => numbers(seen).includes(fd)),
          marks: isOurs,
          say: [
            {
              en: "The program began without some of 0, 1 and 2. It can't read, print or complain.",
              zh: "程序一开始就缺了 0、1、2 中的某几个。它读不了输入，也打印不了任何东西，连抱怨都做不到。",
            },
            {
              en: "Look at the first descriptor of the range. Descriptors are counted from 0, and a program expects the first few of them.",
              zh: "看看你这一段从几号开始。描述符从 0 数起，而程序默认最前面的几个是开着的。",
            },
            { en: "Begin at 3: first: 3.", zh: "从 3 开始：first: 3。" },
          ],
        },
      ],
    },
    {
      id: "only-three",
      goal: { en: "nothing else is open in it", zh: "除此之外，它什么都没有打开" },
      reached: (seen) => numbers(seen).every((fd) => STANDARD.includes(fd)),
      hints: [
        {
          id: "some-left",
          when: (seen) => numbers(seen).some((fd) => !STANDARD.includes(fd)),
          marks: isOurs,
          say: [
            {
              en: "The program still has a descriptor that it was not given on purpose. Whoever starts a container decides its number, and that may be any.",
              zh: "程序手里还有一个谁也没打算给它的描述符。它是几号，由启动容器的人决定，可能是任何数。",
            },
            {
              en: "No list of numbers is long enough. Of the calls above the exercise, one takes all from some number on. Which is the first that the program should not have?",
              zh: "列举多少个编号都不够。练习开头列出的调用里，有一个能管住“从某个编号起的全部”。程序不该拿到的第一个编号是几？",
            },
            {
              en: "ask.closeRangeStep({ first: 3, flags: ask.CLOSE_RANGE.CLOEXEC, why: … })",
              zh: "ask.closeRangeStep({ first: 3, flags: ask.CLOSE_RANGE.CLOEXEC, why: … })",
            },
          ],
        },
      ],
    },
    {
      id: "no-key",
      goal: { en: "it can't read meter's key through a descriptor", zh: "它无法通过描述符读到 meter 的密钥" },
      reached: (seen) => seen.answers["pread {keyFd}"] === "EBADF",
      hints: [
        {
          id: "key-read",
          when: (seen) => seen.answers["pread {keyFd}"] === "OK",
          say: [
            {
              en: "The program has read meter's key. It did not open the file: the file was open already.",
              zh: "程序读到了 meter 的密钥。它没有打开那个文件：文件本来就是开着的。",
            },
            {
              en: "Look at /proc/PID/fd of a program that you start from a shell with `exec 42< FILE`. What would have to happen before it begins?",
              zh: "在 shell 里先执行 `exec 42< FILE`，再启动一个程序，看看它的 /proc/PID/fd。在它开始之前，本该发生什么？",
            },
            {
              en: "ask.closeRangeStep({ first: 3, flags: ask.CLOSE_RANGE.CLOEXEC, why: … })",
              zh: "ask.closeRangeStep({ first: 3, flags: ask.CLOSE_RANGE.CLOEXEC, why: … })",
            },
          ],
        },
      ],
    },
  ],
} satisfies Check;
