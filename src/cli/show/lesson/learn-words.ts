// What `learn` says when it leads somebody through the course.

import type { Language } from "../../../course/lesson/index.ts";

const ENGLISH = {
  welcome: "A container is a list of system calls. In this course you write that list.",
  looking: "Looking at your machine …",
  runs: (found: string) => `✓ Containers run here: one ${found}.`,
  runsNot: "Containers don't run here yet:",
  needsRoot: (why: string) => `This machine lets only root make containers: ${why}.`,
  asRoot: "Go on as root? It is this program that is started again, by its whole name (y/N) ",
  first: "Your first container is a shell. Look around in it:  ps   hostname   ls /   exit",
  enter: "Enter starts it ",
  unattended: "Nobody is at the keyboard, so it answers a few questions and ends:",
  wasFirst: "That was a container: your kernel, with other answers.",
  workshop: (folder: string) => `Your workshop is ${folder}: an exercise for each lesson, and how far you have come.`,
  already: (folder: string) => `${folder} has all it needs: nothing was changed.`,
  made: (names: string) => `new in it: ${names}`,
  where: (number: string, title: string) => `You are at lesson ${number}:  ${title}`,
  read: "read it",
  lab: "in another terminal: type what it shows",
  write: (file: string) => `judges what you write in ${file}`,
  stuck: "when you are stuck",
  tidied:
    "something of the course was killed before its end: what it left is taken away, and a lab that it was in is gone",
  done: "You have passed all lessons: the engine you run is the one you wrote.",
  go: (folder: string) => `Go on there:  cd ${folder}`,
};

export type LearnWords = typeof ENGLISH;

const CHINESE: LearnWords = {
  welcome: "容器就是一串系统调用。在这门课里，这一串由你来写。",
  looking: "正在查看你的机器……",
  runs: (found) => `✓ 这里能运行容器：试了一个，${found}。`,
  runsNot: "这里还不能运行容器：",
  needsRoot: (why) => `这台机器只允许 root 创建容器：${why}。`,
  asRoot: "以 root 身份继续吗？重新启动的就是这个程序，用的是它的完整路径（y/N）",
  first: "你的第一个容器是一个 shell。在里面看一看：  ps   hostname   ls /   exit",
  enter: "按回车启动它 ",
  unattended: "键盘前没有人，所以它回答几个问题就结束：",
  wasFirst: "这就是一个容器：还是你的内核，只是回答不同。",
  workshop: (folder) => `你的工作间是 ${folder}：每课一个练习，还有你的进度。`,
  already: (folder) => `${folder} 里什么都不缺：没有改动任何东西。`,
  made: (names) => `新放进去的：${names}`,
  where: (number, title) => `你现在在第 ${number} 课：  ${title}`,
  read: "阅读它",
  lab: "在另一个终端里：照着课文敲",
  write: (file) => `写好 ${file}，让内核来判断`,
  stuck: "卡住的时候",
  tidied: "课程里有个命令没做完就被杀掉了：它留下的东西已经清理，它用着的实验室也已经关掉",
  done: "所有课程都通过了：你运行的引擎，就是你自己写的那一个。",
  go: (folder) => `到那里继续：  cd ${folder}`,
};

export const LEARN_WORDS: Record<Language, LearnWords> = { en: ENGLISH, zh: CHINESE };
