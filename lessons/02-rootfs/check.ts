// Lesson 02: whether the host's tree is gone, also for somebody who looks for a way back to it.

import { type Check, hasFailed, type Seen, type SeenCall } from "mini-docker/course";

const isCall =
  (...names: string[]) =>
  ({ name, isTheirs }: SeenCall) =>
    isTheirs && names.includes(name);

/** Whether the first of their calls with the one name comes before the first with the other. */
const isBefore = ({ calls = [] }: Seen, one: string, other: string) => {
  const [first, second] = [calls.findIndex(isCall(one)), calls.findIndex(isCall(other))];
  return first >= 0 && second >= 0 && first < second;
};

const [UP, OUT] = ["read /..{key}", "escape {key}"];

export default {
  scenarios: [{ id: "escape", probe: ["wait", "read", "/..{key}", "escape", "{key}", "wait"] }],
  goals: [
    {
      id: "runs",
      goal: { en: "the program runs", zh: "程序运行起来了" },
      reached: () => true,
      hints: [
        {
          id: "too-early",
          when: (seen) => isBefore(seen, "umount2", "pivot_root"),
          marks: isCall("umount2"),
          say: [
            {
              en: "You took the host's tree away while you still stood on it. After that there was no root left to change.",
              zh: "你还站在宿主机的目录树上，就把它拿走了。之后再也没有根可换。",
            },
            {
              en: "What is `/` at each line of your list? Write it beside each step: the host's tree, or the new root.",
              zh: "在你列表的每一行，`/` 是什么？在每一步旁边写上：是宿主机的目录树，还是新的根。",
            },
            {
              en: "Exchange first, then take away: fchdir, pivot_root, umount2, chdir.",
              zh: "先交换，再拿走：fchdir、pivot_root、umount2、chdir。",
            },
          ],
        },
        {
          id: "not-there",
          when: (seen) => hasFailed(seen, "pivot_root") && !isBefore(seen, "fchdir", "pivot_root"),
          marks: isCall("pivot_root"),
          say: [
            {
              en: "The kernel refused to exchange the roots. What you gave it as the new root is the one that there is already.",
              zh: "内核拒绝交换。你给它的“新根”，就是现在这个根。",
            },
            {
              en: "A path without a leading slash begins where the process stands. Where does it stand when your list begins? The first lines of the exercise say so.",
              zh: "不以斜杠开头的路径，从进程所在的目录算起。你的列表开始时，进程在哪里？练习的头几行说了。",
            },
            {
              en: 'Stand in the new root first, so that "." names it: fchdirStep({ fd: reg("rootfs"), … }).',
              zh: '先站到新的根里，让 "." 指向它：fchdirStep({ fd: reg("rootfs"), … })。',
            },
          ],
        },
        {
          id: "busy",
          when: (seen) => hasFailed(seen, "umount2", "EBUSY"),
          marks: isCall("umount2"),
          say: [
            {
              en: "The exchange was made, and then the kernel would not let go of the host's tree: it is busy.",
              zh: "交换成功了，可是内核不肯放开宿主机的目录树：它正忙。",
            },
            {
              en: "/proc, /sys, /dev and others are mounted inside that tree, and each holds on to it. umount2(2) tells of a flag for just that case.",
              zh: "/proc、/sys、/dev 等都挂载在这棵树里，每一个都抓着它不放。umount2(2) 里有一个标志，正是为这种情况准备的。",
            },
            {
              en: "MNT.DETACH takes the whole tree off now, and lets the kernel tidy up when nobody uses it any more.",
              zh: "MNT.DETACH 立刻把整棵树摘下来，等到没人再用时，由内核收拾。",
            },
          ],
        },
        {
          id: "not-inside",
          when: (seen) => hasFailed(seen, "execve", "ENOENT"),
          marks: isCall("chroot", "fchdir", "chdir", "pivot_root", "umount2"),
          say: [
            {
              en: "The program was looked for in a tree that doesn't have it. `/` is not the new root.",
              zh: "系统在一棵没有这个程序的树里找它。`/` 不是新的根。",
            },
            {
              en: "To stand in a folder is one thing, and to have it as `/` another. Which of your calls changes what `/` is?",
              zh: "站在一个目录里是一回事，把它当作 `/` 是另一回事。你的哪个调用改变了 `/`？",
            },
            {
              en: "After fchdir, exchange the roots with pivot_root.",
              zh: "在 fchdir 之后，用 pivot_root 交换两个根。",
            },
          ],
        },
      ],
    },
    {
      id: "own-root",
      goal: { en: "its / is ROOTFS", zh: "它的 / 就是 ROOTFS" },
      reached: ({ probe }) => probe.root.isRootfs,
      hints: [
        {
          id: "hosts-root",
          when: ({ probe }) => probe.root.isHosts,
          say: [
            {
              en: "The program's `/` is the host's. It sees every file that there is.",
              zh: "程序的 `/` 就是宿主机的 `/`。它能看到所有文件。",
            },
            {
              en: "Compare `ls -l /proc/PID/root` of the program with that of your shell.",
              zh: "比较一下程序和你的 shell 的 `ls -l /proc/PID/root`。",
            },
            { en: "Make ROOTFS its root with pivot_root.", zh: "用 pivot_root 让 ROOTFS 成为它的根。" },
          ],
        },
      ],
    },
    {
      id: "nothing-left",
      goal: { en: "nothing of the host is mounted in it", zh: "里面没有挂载宿主机的任何东西" },
      reached: ({ probe }) => probe.mounts.every(({ isHosts }) => !isHosts),
      hints: [
        {
          id: "still-mounted",
          when: ({ probe }) => probe.mounts.some(({ isHosts }) => isHosts),
          marks: isCall("pivot_root"),
          say: [
            {
              en: "The program has a new `/`, and the host's tree is still mounted, right there: on top of it.",
              zh: "程序有了新的 `/`，可宿主机的目录树还挂着，而且就挂在那里：压在新的根上面。",
            },
            {
              en: "Read /proc/PID/mountinfo of the program while it waits. What is in the list that you didn't put there?",
              zh: "趁程序在等待，读一读它的 /proc/PID/mountinfo。列表里有哪些不是你放进去的？",
            },
            {
              en: 'Take the old root off after the exchange: umountStep({ target: ".", flags: MNT.DETACH, … }).',
              zh: '交换之后把旧的根摘掉：umountStep({ target: ".", flags: MNT.DETACH, … })。',
            },
          ],
        },
      ],
    },
    {
      id: "no-way-back",
      goal: { en: "no path leads back to meter's key", zh: "没有任何路径能回到 meter 的密钥" },
      reached: ({ answers }) => [answers[UP], answers[OUT]].every((answer) => answer !== undefined && answer !== "OK"),
      hints: [
        {
          id: "up",
          when: ({ answers }) => answers[UP] === "OK",
          marks: isCall("pivot_root"),
          say: [
            {
              en: "The program has read meter's key, as `/..` and the rest of the path. The host's tree lies above the new root.",
              zh: "程序用 `/..` 加上后面的路径读到了 meter 的密钥。宿主机的目录树就在新的根上面。",
            },
            {
              en: "What is mounted can be walked to. After the exchange, where is the old root, and is it needed for anything?",
              zh: "只要还挂载着，就走得到。交换之后，旧的根在哪里？还有什么用得着它的地方？",
            },
            {
              en: 'Take it off: umountStep({ target: ".", flags: MNT.DETACH, … }) after the exchange.',
              zh: '把它摘掉：交换之后 umountStep({ target: ".", flags: MNT.DETACH, … })。',
            },
          ],
        },
        {
          id: "chroot",
          when: ({ answers }) => answers[OUT] === "OK",
          marks: isCall("chroot"),
          say: [
            {
              en: "The four calls were enough: the program left its root, climbed up, and has read meter's key.",
              zh: "四个调用就够了：程序离开自己的根，一路爬上去，读到了 meter 的密钥。",
            },
            {
              en: "Your call tells one process where its paths begin. The host's tree is still mounted, and root can walk there. What changes that for all processes in here, and for good?",
              zh: "你的调用只告诉一个进程，它的路径从哪里开始。宿主机的目录树还挂着，root 就走得到。怎样才能对这里的所有进程，彻底改变这一点？",
            },
            {
              en: 'Exchange the roots, and take the old one off: pivotRootStep({ newRoot: ".", putOld: ".", … }), then umountStep({ target: ".", flags: MNT.DETACH, … }).',
              zh: '交换两个根，再摘掉旧的：先 pivotRootStep({ newRoot: ".", putOld: ".", … })，再 umountStep({ target: ".", flags: MNT.DETACH, … })。',
            },
          ],
        },
      ],
    },
  ],
} satisfies Check;
