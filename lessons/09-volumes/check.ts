// Lesson 09: what a container sees of a volume in which somebody has left a link to `/`.

import { type Check, hasFailed, type Seen, type SeenCall } from "mini-docker/course";

const READINGS = "read /newest/readings";
const KEY = "read /export{key}";

const isTheirs = (name: string) => (call: SeenCall) => call.isTheirs && call.name === name;
const madeBy = ({ calls = [] }: Seen, name: string) => calls.some(isTheirs(name));

export default {
  scenarios: [{ id: "trap", probe: ["wait", "read", "/newest/readings", "read", "/export{key}", "wait"] }],
  goals: [
    {
      id: "runs",
      goal: { en: "the program runs, with both folders", zh: "程序带着两个目录运行起来了" },
      reached: () => true,
      hints: [
        {
          id: "refused",
          when: (seen) => hasFailed(seen, "openat2", "EXDEV") || hasFailed(seen, "openat2", "ELOOP"),
          marks: isTheirs("openat2"),
          say: [
            {
              en: "A link in the volume has kept the container from starting. So whoever can write to the volume decides whether Mei's containers start.",
              zh: "卷里的一个链接让容器启动不了。这样一来，谁能写这个卷，谁就能决定 小梅的容器能不能启动。",
            },
            {
              en: "There are two ways to keep a path inside: to refuse what would lead out, or to change what `/` means on the way. openat2(2) has a word for each.",
              zh: "让路径留在里面有两种办法：拒绝会通到外面的，或者让路上的 `/` 指别的东西。openat2(2) 里，这两种办法各有一个词。",
            },
            {
              en: "RESOLVE.IN_ROOT takes the descriptor for `/`. It is what openInRootStep does when it is told nothing else.",
              zh: "RESOLVE.IN_ROOT 把那个描述符当作 `/`。不另外指定的话，openInRootStep 用的就是它。",
            },
          ],
        },
      ],
    },
    {
      id: "readings",
      goal: { en: "a link to a folder of the volume is followed", zh: "指向卷内目录的链接能跟过去" },
      reached: ({ answers }) => answers[READINGS] === "OK",
      hints: [
        {
          id: "not-there",
          when: ({ answers }) => answers[READINGS] !== "OK",
          marks: isTheirs("open_tree"),
          say: [
            {
              en: "What is seen as /newest is not the folder that the volume has under this name.",
              zh: "/newest 里看到的，不是卷中叫这个名字的那个目录。",
            },
            {
              en: "You are told two things: where the volume is, and what in it is wanted. Which of your calls has to do with the second?",
              zh: "给你的有两样：卷在哪里，要的是卷里的什么。你的哪个调用用到了第二样？",
            },
            {
              en: "Look up `subpath` from the volume's folder on, and make the view of what that gives.",
              zh: "从卷的目录出发查找 `subpath`，再给查到的东西建一个视图。",
            },
          ],
        },
      ],
    },
    {
      id: "nothing-else",
      goal: { en: "no link in the volume leads to the host", zh: "卷里没有链接能通到宿主机" },
      reached: ({ answers }) => answers[KEY] !== undefined && answers[KEY] !== "OK",
      hints: [
        {
          id: "looked-up-twice",
          when: (seen) => madeBy(seen, "openat2"),
          marks: isTheirs("open_tree"),
          say: [
            {
              en: "The path was looked up twice. The first time it stayed in the volume, and the second time it led to meter's key.",
              zh: "路径查了两遍。第一遍留在卷里，第二遍却通到了 meter 的密钥。",
            },
            {
              en: "Which of the two did the view come of? What the safe one has found is in a register, and nobody uses it.",
              zh: "视图是从哪一遍来的？安全的那一遍查到的东西在一个寄存器里，可是没人用它。",
            },
            {
              en: 'Make the view of the descriptor, with no path at all: openTreeStep({ dir: reg("part"), path: "", … }).',
              zh: '用描述符来建视图，不用任何路径：openTreeStep({ dir: reg("part"), path: "", … })。',
            },
          ],
        },
        {
          id: "only-a-beginning",
          when: (seen) => madeBy(seen, "openat"),
          marks: isTheirs("open_tree"),
          say: [
            {
              en: "The path begins in the volume, and still it has led to meter's key.",
              zh: "路径是从卷里开始的，结果还是通到了 meter 的密钥。",
            },
            {
              en: "A descriptor says where a path begins. Where does one go on that has come to a link to `/`?",
              zh: "描述符只说明路径从哪里开始。走到一个指向 `/` 的链接时，接下来从哪里走？",
            },
            {
              en: 'openInRootStep({ root: reg("volume"), path: subpath, … }) takes the volume for `/` all the way; make the view of what it finds.',
              zh: 'openInRootStep({ root: reg("volume"), path: subpath, … }) 一路上都把卷当作 `/`；再给它查到的东西建视图。',
            },
          ],
        },
        {
          id: "joined",
          when: () => true,
          marks: isTheirs("open_tree"),
          say: [
            {
              en: "Somebody has left a link to `/` in the volume, and the view is of the host's whole tree: meter's key was read in it.",
              zh: "有人在卷里留了一个指向 `/` 的链接，于是视图里是宿主机的整棵目录树：meter 的密钥被读走了。",
            },
            {
              en: "The kernel walks a path name by name, and at a link it goes on where the link says. Whose `/` is that, at this moment?",
              zh: "内核一个名字一个名字地走路径，遇到链接，就按链接说的走。这个时候，那是谁的 `/`？",
            },
            {
              en: "Open the volume's folder, look up subpath with openInRootStep from there, and make the view of the descriptor that this gives.",
              zh: "打开卷的目录，用 openInRootStep 从那里查找 subpath，再用得到的描述符建视图。",
            },
          ],
        },
      ],
    },
  ],
} satisfies Check;
