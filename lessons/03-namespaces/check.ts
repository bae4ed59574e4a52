// Lesson 03: whether the program has other answers than its runtime, and whether they are answers that protect meter.

import { type Check, callsNamed, failedCall, isOwn, type Seen, type SeenCall } from "mini-docker/course";

/** What of the student's own was written, and is said to be: `uid_map`, `gid_map`, `setgroups`. */
const writes = (seen: Seen, file: string) => callsNamed(seen, "write").filter(isAbout(file));
const isAbout =
  (file: string) =>
  ({ name, call, isTheirs }: SeenCall) =>
    isTheirs && name === "write" && call.includes(file);

const failedAt = (seen: Seen, file: string) => failedCall(seen)?.call.includes(file) ?? false;
const failedBeing = (seen: Seen, call: string) => failedCall(seen)?.name === call;
const isSwapped = (seen: Seen) => writes(seen, "uid_map").some(({ call }) => !call.includes('"0 '));
/** Below a namespace in which nobody may leave a group nobody may, whatever was said: there, it has to have been said. */
const isDenied = ({ probe, runtime, calls }: Seen) =>
  probe.setgroups === "deny" && (runtime.setgroups === "allow" || !calls || calls.some(isAboutGroups));
const isAboutGroups = ({ call, isTheirs }: SeenCall) => isTheirs && call.includes("setgroups");
const opensOwn = ({ call, isTheirs }: SeenCall) => isTheirs && call.includes("/proc/self/");

export default {
  scenarios: [{ id: "kill", probe: ["wait", "kill", "{meter}", "wait"], meter: true }],
  goals: [
    {
      id: "runs",
      goal: { en: "the program runs", zh: "程序运行起来了" },
      reached: () => true,
      hints: [
        {
          id: "own-file",
          when: ({ calls = [] }) => calls.some(opensOwn),
          marks: opensOwn,
          say: [
            {
              en: "You have tried to say who the users of your own namespace are. That was settled before you were born.",
              zh: "你改的是你自己所在命名空间的用户表。那张表早在你这个进程出生之前就定好了。",
            },
            {
              en: "These steps are made by the parent, and it is the child that is in the new namespace. Whose folder in /proc is it, then?",
              zh: "这些步骤由父进程来做，而身处新命名空间的是子进程。那么，该写 /proc 里谁的目录？",
            },
            {
              en: 'The child\'s: the register PID holds its number, { text: ["/proc/", PID, "/uid_map"] }.',
              zh: '子进程的：寄存器 PID 里就是它的进程号，{ text: ["/proc/", PID, "/uid_map"] }。',
            },
          ],
        },
        {
          id: "swapped",
          when: isSwapped,
          marks: isAbout("_map"),
          say: [
            {
              en: "Nobody in the new namespace is 0, so nobody in there is root.",
              zh: "新命名空间里没有 0 号用户，也就没有人是 root。",
            },
            {
              en: "Read a line of your map aloud: the first number is said from inside. Who is that to be?",
              zh: "把你写的那一行念出来：第一个数是站在里面说的。里面的人应该是几号？",
            },
            {
              en: "The inside stands first: containerID, hostID, size. For an ordinary user that is `0 1000 1`.",
              zh: "里面的号写在前面：依次是 containerID、hostID、size。普通用户写出来就是 `0 1000 1`。",
            },
          ],
        },
        {
          id: "too-late",
          when: (seen) => failedAt(seen, "setgroups"),
          marks: isAbout("gid_map"),
          say: [
            {
              en: 'The kernel refused "deny": it is too late for that by then.',
              zh: "内核拒绝了 deny：写到这里时已经晚了。",
            },
            {
              en: "Which of the other two files has to do with groups? Once that one is written, somebody in there may have left a group already.",
              zh: "另外两个文件里，哪一个与组有关？那一个一旦写好，里面就可能已经有人退出某个组了。",
            },
            {
              en: 'Write "deny" to setgroups before gid_map is written.',
              zh: "先把 deny 写进 setgroups，再写 gid_map。",
            },
          ],
        },
        {
          id: "groups-refused",
          when: (seen) => failedAt(seen, "gid_map"),
          marks: isAbout("gid_map"),
          say: [
            {
              en: "The kernel refused the map of groups, though the same line was fine for users.",
              zh: "内核拒绝了组的映射，而同样的一行写给用户就没问题。",
            },
            {
              en: "A group can be there to keep somebody out. What would an ordinary user win who may call himself root, and leave groups? The third file has to do with that.",
              zh: "组也可以用来把人挡在外面。普通用户要是能自称 root 又能退组，他会得到什么好处？第三个文件管的就是这件事。",
            },
            {
              en: 'Write "deny" to setgroups first, then gid_map.',
              zh: "先把 deny 写进 setgroups，再写 gid_map。",
            },
          ],
        },
        {
          id: "no-root-group",
          when: (seen) => failedBeing(seen, "setresgid"),
          say: [
            {
              en: "The child could not become root of its namespace: there is no group 0 in there.",
              zh: "子进程没能成为新命名空间里的 root：那里没有 0 号组。",
            },
            {
              en: "Users and groups are counted separately. How many maps are there in /proc/PID?",
              zh: "用户和组是分开编号的。/proc/PID 里有几张映射表？",
            },
            {
              en: 'Write gid_map as well, and "deny" to setgroups before it.',
              zh: "gid_map 也要写；写它之前，先把 deny 写进 setgroups。",
            },
          ],
        },
        {
          id: "no-root-user",
          when: (seen) => failedBeing(seen, "setresuid"),
          say: [
            {
              en: "The child could not become root of its namespace: there is no user 0 in there.",
              zh: "子进程没能成为新命名空间里的 root：那里没有 0 号用户。",
            },
            {
              en: "Users and groups are counted separately. How many maps are there in /proc/PID?",
              zh: "用户和组是分开编号的。/proc/PID 里有几张映射表？",
            },
            { en: "Write uid_map as well as gid_map.", zh: "除了 gid_map，uid_map 也要写。" },
          ],
        },
      ],
    },
    {
      id: "root-inside",
      goal: { en: "in there it is root", zh: "在里面，它是 root" },
      reached: ({ probe }) => probe.uidMap.some(({ inside, outside }) => inside === 0 && outside === probe.uid),
      hints: [],
    },
    {
      id: "nobody-outside",
      goal: { en: "out here it is an ordinary user", zh: "在外面，它只是个普通用户" },
      reached: (seen) => isOwn(seen, "user") && seen.probe.uid !== 0,
      hints: [],
    },
    {
      id: "keeps-groups",
      goal: { en: "nobody in there can leave a group", zh: "里面谁也不能退出组" },
      reached: isDenied,
      hints: [
        {
          id: "groups-kept-by-others",
          when: (seen) => seen.probe.setgroups === "deny" && !isDenied(seen),
          marks: isAbout("gid_map"),
          say: [
            {
              en: "Nobody in there can leave a group, and it is not your doing: this lab was made without root, and whoever made it has given that up for all below. Anywhere else the kernel refuses these calls, or lets your guest leave.",
              zh: "里面确实谁也不能退出组，但这不是你的功劳：这个实验室不是用 root 建的，建它的人已经替下面所有人放弃了这一点。换个地方，内核要么拒绝这些调用，要么就让 guest 退出组。",
            },
            {
              en: "A folder with the rights rwx---r-x shuts its group out. Who could get in by leaving the group? Of the three files, one is about that.",
              zh: "权限为 rwx---r-x 的目录会把本组的人挡在外面。谁只要退出这个组就能进去？三个文件里有一个管的就是这件事。",
            },
            {
              en: 'Write "deny" to setgroups before gid_map is written.',
              zh: "先把 deny 写进 setgroups，再写 gid_map。",
            },
          ],
        },
        {
          id: "groups-can-go",
          when: ({ probe }) => probe.setgroups === "allow",
          marks: isAbout("gid_map"),
          say: [
            {
              en: "In your container a process can leave its groups. You were allowed to do that because you are root; an ordinary user would have been refused.",
              zh: "在你的容器里，进程可以退出自己的组。内核放行是因为你现在是 root；换成普通用户就会被拒绝。",
            },
            {
              en: "A folder with the rights rwx---r-x shuts its group out. Who could get in by leaving the group? Of the three files, one is about that.",
              zh: "权限为 rwx---r-x 的目录会把本组的人挡在外面。谁只要退出这个组就能进去？三个文件里有一个管的就是这件事。",
            },
            {
              en: 'Write "deny" to setgroups before gid_map is written.',
              zh: "先把 deny 写进 setgroups，再写 gid_map。",
            },
          ],
        },
      ],
    },
    {
      id: "own-numbers",
      goal: { en: "it is process 1, and sees nobody else", zh: "它是 1 号进程，而且看不到别的进程" },
      reached: ({ probe }) => probe.pids.at(-1) === 1 && probe.processes?.join() === "1",
      hints: [],
    },
    {
      id: "own-answers",
      goal: { en: "mounts, processes, name and users are its own", zh: "挂载、进程号、主机名和用户都是它自己的" },
      reached: (seen) => (["mnt", "pid", "uts", "user"] as const).every((kind) => isOwn(seen, kind)),
      hints: [],
    },
    {
      id: "meter-lives",
      goal: { en: "it can't kill meter", zh: "它杀不掉 meter" },
      reached: ({ answers, isMeterAlive }) => answers["kill {meter}"] === "ESRCH" && isMeterAlive,
      hints: [],
    },
  ],
} satisfies Check;
