// Lesson 05: where writes go, and which of several files with one name is seen.

import { type Check, failedCall, type Seen, type SeenCall } from "mini-docker/course";

const isMount = ({ name, by }: SeenCall) => (name === "mount" || name === "fsconfig") && by === "overlaySteps";
const isRefused = (seen: Seen) => {
  const failed = failedCall(seen);
  return failed !== undefined && isMount(failed) && failed.errno === "EINVAL";
};

export default {
  scenarios: [{ id: "write", probe: ["wait", "write", "/bin/sh", "touch", "/new", "wait"] }],
  goals: [
    {
      id: "runs",
      goal: { en: "the program runs", zh: "程序运行起来了" },
      reached: () => true,
      hints: [
        {
          id: "work",
          when: isRefused,
          marks: isMount,
          say: [
            {
              en: "The kernel refused the overlay. It says EINVAL for whatever it dislikes; here it is about the folder for what is written.",
              zh: "内核拒绝了这个 overlay。凡是它不满意的，一律报 EINVAL；这一次，问题出在存放改动的那个目录上。",
            },
            {
              en: "A file has to appear in the upper folder whole, or not at all. Where does the kernel prepare it? `dmesg | tail` often says more than the errno.",
              zh: "文件要么完整地出现在 upper 目录里，要么根本不出现。内核在哪里准备它？`dmesg | tail` 往往比错误号说得多。",
            },
            {
              en: "Say workdir= as well, and after it the path `work` as it is. It must not be the upper folder, nor lie in it.",
              zh: "再写上 workdir=，后面跟 `work` 这个路径，原样照写。它不能就是 upper，也不能在 upper 里面。",
            },
          ],
        },
      ],
    },
    {
      id: "hides",
      goal: { en: "it can't see what the topmost layer hides", zh: "被最上层遮住的文件，它看不到" },
      reached: ({ probe }) => !probe.files.includes("debug.key"),
      hints: [
        {
          id: "lowest-first",
          when: ({ probe }) => probe.files.includes("debug.key"),
          marks: isMount,
          say: [
            {
              en: "debug.key is back. One layer brought it, a later one hides it, and in your tree the earlier one wins.",
              zh: "debug.key 又出现了。一层带来了它，后来的一层把它遮住，而在你的树里，赢的是更早的那一层。",
            },
            {
              en: "An image tells its layers in the order in which they were made. In which order does the kernel want to hear them? Try it with two folders that have a file of the same name.",
              zh: "镜像按制作的先后列出各层。内核想按什么顺序听？拿两个含有同名文件的目录试一试。",
            },
            {
              en: 'The kernel wants the topmost first: lower.toReversed().join(":").',
              zh: '内核要求最上面的写在最前面：lower.toReversed().join(":")。',
            },
          ],
        },
      ],
    },
    {
      id: "writes",
      goal: { en: "it can change its files, and make new ones", zh: "它能修改自己的文件，也能新建文件" },
      reached: ({ answers }) => answers["write /bin/sh"] === "OK" && answers["touch /new"] === "OK",
      hints: [
        {
          id: "no-upper",
          when: ({ answers }) => answers["touch /new"] === "EROFS",
          marks: isMount,
          say: [
            {
              en: "The whole tree is read-only. Nobody is harmed, and nothing can be installed, logged or saved either.",
              zh: "整棵树都是只读的。谁也害不了谁，可也没法安装、写日志、保存任何东西。",
            },
            {
              en: "An overlay of layers alone has no place for a change. The container has an empty folder for that.",
              zh: "只有下层的 overlay 没有地方放改动。容器自己有一个空目录，正是为此准备的。",
            },
            {
              en: "Say upperdir= with the path `upper`, and workdir= with the path `work`.",
              zh: "写上 upperdir= 和路径 `upper`，再写上 workdir= 和路径 `work`。",
            },
          ],
        },
        {
          id: "not-written",
          when: ({ answers }) => answers["write /bin/sh"] !== "OK" || answers["touch /new"] !== "OK",
          say: [
            {
              en: "The container's root can't write to its own files.",
              zh: "容器里的 root 写不了自己的文件。",
            },
            {
              en: "To whom do the files belong, as seen from outside? A change begins with a copy, and the copy needs an owner.",
              zh: "从外面看，这些文件属于谁？每次改动都从复制开始，而复制出来的文件得有个主人。",
            },
            {
              en: "Give the upper folder to the user that the container's root is outside.",
              zh: "把 upper 目录交给容器 root 在外面对应的那个用户。",
            },
          ],
        },
      ],
    },
    {
      id: "shared",
      goal: { en: "and nobody else sees the change", zh: "而别人看不到这些改动" },
      reached: ({ changes }) => changes.length === 0,
      hints: [
        {
          id: "upper-is-shared",
          when: ({ changes }) => changes.length > 0,
          marks: isMount,
          say: [
            {
              en: "The files that all containers share are different now. The next one runs guest's /bin/sh.",
              zh: "所有容器共用的文件变了。下一个启动的容器，跑的就是 guest 的 /bin/sh。",
            },
            {
              en: "One of the folders takes all that is written. Look at its path: whose is it?",
              zh: "有一个目录会收下所有的改动。看看它的路径：那是谁的目录？",
            },
            {
              en: "Only `upper` may be upperdir; everything in `lower` belongs into lowerdir.",
              zh: "只有 `upper` 可以做 upperdir；`lower` 里的全部放进 lowerdir。",
            },
          ],
        },
      ],
    },
  ],
} satisfies Check;
