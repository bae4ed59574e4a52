// Lesson 04: what the kernel has in its books about guest's share, and what becomes of a guest that wants more.

import { type Check, callsNamed, type Seen, type SeenCall } from "mini-docker/course";

const MEMORY = 32 * 1024 ** 2;
const PROCESSES = 16;
const env = { MEMORY_BYTES: String(MEMORY), PIDS_MAX: String(PROCESSES) };

/** Files of a group by what they are for, in the words of both versions. */
const SOFT = /memory\.(low|high|soft_limit_in_bytes)/;
const HARD = /memory\.(max|limit_in_bytes)/;
const SWAP = /memory\.(swap\.max|memsw\.limit_in_bytes)/;

const isAbout =
  (file: RegExp) =>
  ({ name, call }: SeenCall) =>
    name === "openat" && file.test(call);

const isWritten = (seen: Seen, file: RegExp) => callsNamed(seen, "openat").some(isAbout(file));
const isElsewhere = ({ probe, runtime }: Seen, controller: string) =>
  probe.cgroups[controller] !== undefined && probe.cgroups[controller] !== runtime.cgroups[controller];

export default {
  scenarios: [
    { id: "many", probe: ["wait", "fork", "64", "wait"], env },
    { id: "much", probe: ["wait", "grow", "128", "wait"], env },
  ],
  goals: [
    {
      id: "group",
      goal: { en: "it is in a group of its own", zh: "它在一个属于自己的控制组里" },
      reached: (seen) => isElsewhere(seen, "memory") && isElsewhere(seen, "pids"),
      hints: [
        {
          id: "too-little",
          when: ({ outcome, calls = [] }) => outcome !== "seen" && calls.every((call) => call.outcome !== "failed"),
          marks: isAbout(HARD),
          say: [
            {
              en: "Every call worked, and there is no program: it was killed before its first instruction.",
              zh: "每个系统调用都成功了，程序却没有出现：它还没执行第一条指令就被杀掉了。",
            },
            {
              en: "A limit can also be too small to live in. Look at the number in the marked file's write. What unit does the kernel read it in?",
              zh: "限额也可能小到没法活。看看写进所标文件的那个数：内核是按什么单位理解它的？",
            },
            {
              en: "The files count bytes, and so does memory.limit: write it as it is.",
              zh: "这些文件以字节为单位，memory.limit 也是：原样写进去就行。",
            },
          ],
        },
        {
          id: "not-moved",
          when: (seen) => seen.outcome === "seen" && !isElsewhere(seen, "memory"),
          say: [
            {
              en: "The program is in the same group as the runtime that started it, so a limit on one is a limit on both.",
              zh: "程序和启动它的运行时在同一个控制组里：限制一个，等于两个一起限制。",
            },
            {
              en: "Read /proc/PID/cgroup of the program, and of a shell beside it.",
              zh: "读一读程序的 /proc/PID/cgroup，再和旁边一个 shell 的比一比。",
            },
            {
              en: "Make a group, write the limits, and put the process in before it executes the program.",
              zh: "先建控制组，写好限额，再把进程放进去，最后才让它执行程序。",
            },
          ],
        },
      ],
    },
    {
      id: "memory",
      scenario: "much",
      goal: {
        en: "it can have 32 MB of memory, and dies of wanting 128",
        zh: "它最多用 32 MB 内存，想要 128 MB 就会被杀",
      },
      evenKilled: true,
      reached: ({ probe, killedAt, memoryKills }) =>
        probe.limits.memoryBytes === MEMORY && killedAt?.startsWith("grow") === true && memoryKills > 0,
      hints: [
        {
          id: "soft",
          when: (seen) => isWritten(seen, SOFT) && !isWritten(seen, HARD),
          marks: isAbout(SOFT),
          say: [
            {
              en: "The probe took 128 MB and lives. The file you have written to does not stop anybody.",
              zh: "探针拿到了 128 MB，而且还活着。你写的那个文件谁也拦不住。",
            },
            {
              en: "Do it by hand: two groups, the same number in two different files, the same hog in each. Which one dies?",
              zh: "亲手试一下：建两个控制组，把同一个数写进两个不同的文件，各放一个吃内存的程序。哪个会死？",
            },
            {
              en: "memory.high slows a group down, and memory.soft_limit_in_bytes only matters when the whole machine is short. The limit is memory.max, on version 1 memory.limit_in_bytes: file.hard.",
              zh: "memory.high 只会让它变慢，memory.soft_limit_in_bytes 只在整台机器缺内存时才起作用。真正的上限是 memory.max，在 v1 上是 memory.limit_in_bytes：用 file.hard。",
            },
          ],
        },
        {
          id: "none",
          when: ({ outcome, probe }) => outcome === "seen" && probe.limits.memoryBytes === undefined,
          say: [
            {
              en: "The probe took 128 MB. The kernel knows of no limit on its memory.",
              zh: "探针拿到了 128 MB。内核并不知道它的内存有上限。",
            },
            {
              en: "Which file of the group says how much is too much? Look at it in the probe's group while it waits.",
              zh: "控制组里哪个文件写着“到多少算多”？趁探针在等待，看看它那个组里的这个文件。",
            },
            {
              en: "Write memory.limit to file.hard.",
              zh: "把 memory.limit 写进 file.hard。",
            },
          ],
        },
        {
          id: "other-number",
          when: ({ outcome, probe }) => outcome === "seen" && probe.limits.memoryBytes !== MEMORY,
          marks: isAbout(HARD),
          say: [
            {
              en: "There is a limit, but it is not the 32 MB that were granted.",
              zh: "上限是有了，但不是批准的 32 MB。",
            },
            {
              en: "Compare the number in the file with the one you were given. Both are bytes.",
              zh: "把文件里的数和交给你的数比一比。两者都以字节为单位。",
            },
            { en: "Write memory.limit as it is.", zh: "把 memory.limit 原样写进去。" },
          ],
        },
      ],
    },
    {
      id: "no-swap",
      goal: { en: "and no swap to get around that", zh: "也没有交换空间可以用来绕过上限" },
      reached: ({ probe }) => probe.limits.swapBytes === 0,
      hints: [
        {
          id: "swap-open",
          when: ({ outcome, probe }) => outcome === "seen" && probe.limits.swapBytes === undefined,
          say: [
            {
              en: "Its memory is limited, and its swap is not. On a machine with swap, the hog goes on there, and takes the disk's time with it.",
              zh: "内存有上限，交换空间却没有。在有交换空间的机器上，它会把内存换到磁盘上接着吃，连磁盘也一起拖慢。",
            },
            {
              en: "A group counts swap in a file of its own. Look at what is in it, next to the memory's.",
              zh: "控制组用另一个文件管交换空间。看看它里面写着什么，就在内存那个文件旁边。",
            },
            {
              en: "Write file.swap too. Version 2 counts swap alone: memory.swap - memory.limit, which is 0. Version 1 counts both together: memory.swap, after the memory's own limit.",
              zh: "file.swap 也要写。v2 单独数交换空间：memory.swap - memory.limit，也就是 0。v1 把两者合在一起数：memory.swap，而且要写在内存上限之后。",
            },
          ],
        },
        {
          id: "swap-twice",
          when: ({ probe }) => (probe.limits.swapBytes ?? 0) > 0,
          marks: isAbout(SWAP),
          say: [
            {
              en: "It may have as much swap as memory, so twice of what Mei granted.",
              zh: "它能用的交换空间和内存一样多，加起来是 小梅批准的两倍。",
            },
            {
              en: "You were given memory and swap together. What does this file count on your machine: both, or swap alone?",
              zh: "交给你的数是“内存加交换空间”。在你的机器上，这个文件数的是两者之和，还是只数交换空间？",
            },
            {
              en: "Version 2: write memory.swap - memory.limit. Version 1: write memory.swap.",
              zh: "v2 写 memory.swap - memory.limit；v1 写 memory.swap。",
            },
          ],
        },
      ],
    },
    {
      id: "processes",
      goal: { en: "it can have 16 processes, and no fork bomb", zh: "它最多有 16 个进程，fork 炸弹炸不起来" },
      reached: ({ probe, answers }) => probe.limits.pids === PROCESSES && answers["fork 64"] === "EAGAIN",
      hints: [
        {
          id: "processes-open",
          when: ({ answers }) => answers["fork 64"] === "OK",
          say: [
            {
              en: "The probe made 64 processes, and nobody stopped it. Each costs the kernel memory, and a number that the whole machine shares.",
              zh: "探针造出了 64 个进程，没人拦它。每个进程都要占内核的内存，还要占一个全机共用的进程号。",
            },
            {
              en: "Memory was one thing to run out of. What was the third thing that Mei granted?",
              zh: "会被耗尽的不只是内存。小梅批准的第三样东西是什么？",
            },
            { en: "Write pids.limit to file.processes.", zh: "把 pids.limit 写进 file.processes。" },
          ],
        },
      ],
    },
    {
      id: "gone",
      goal: { en: "when it has ended, its group is gone", zh: "它结束以后，控制组也不见了" },
      reached: ({ left }) => left.groups.length === 0,
      hints: [],
    },
  ],
} satisfies Check;
