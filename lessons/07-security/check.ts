// Lesson 07: what power guest's root has, what it could have later, and whether it can open what was closed around it.

import { type Check, callsNamed, hasFailed, type Seen, type SeenCall } from "mini-docker/course";

const SEVEN = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETFCAP", "SETGID", "SETUID"];
const REMOUNT = "remount /";
const WRITE = "write /bin/sh";

/** Names as /proc has them, whatever their order. */
const areTheSeven = (names: readonly string[]) =>
  [...names].sort().join() === SEVEN.map((name) => `CAP_${name}`).join();

const isDrop = ({ name, call, isTheirs }: SeenCall) => isTheirs && name === "prctl" && call.includes("PR_CAPBSET_DROP");
const isTheirs = (name: string) => (call: SeenCall) => call.isTheirs && call.name === name;
const isPromise = ({ call, isTheirs }: SeenCall) => isTheirs && call.includes("NO_NEW_PRIVS");

const drops = (seen: Seen) => callsNamed(seen, "prctl").filter(isDrop).length;

export default {
  scenarios: [
    {
      id: "remount",
      probe: ["wait", "remount", "/", "write", "/bin/sh", "wait"],
      env: { CAPABILITIES: SEVEN.join(" ") },
    },
  ],
  goals: [
    {
      id: "runs",
      goal: { en: "the program runs", zh: "程序运行起来了" },
      reached: () => true,
      hints: [
        {
          id: "no-right-left",
          when: (seen) => hasFailed(seen, "prctl", "EPERM"),
          marks: isTheirs("capset"),
          say: [
            {
              en: "The kernel has refused to lower the bound: this process was no longer allowed to.",
              zh: "内核拒绝降低上限：这个进程已经没有资格这样做了。",
            },
            {
              en: "To give a capability up takes a capability, too: capabilities(7) says which, at its own name. Up to which of your calls did the process have that one?",
              zh: "要放弃能力，本身也需要一种能力：capabilities(7) 里有它的名字。到你的哪个调用为止，进程还有这种能力？",
            },
            {
              en: "CAP_SETPCAP goes with capset, since it is not among the seven. So boundingSteps comes before capabilitySteps.",
              zh: "CAP_SETPCAP 不在那七种里，capset 一执行就没有了。所以 boundingSteps 要放在 capabilitySteps 前面。",
            },
          ],
        },
        {
          id: "filter-refused",
          when: (seen) => hasFailed(seen, "seccomp", "EACCES"),
          marks: isTheirs("capset"),
          say: [
            {
              en: "The kernel doesn't take a filter from this process.",
              zh: "内核不接受这个进程交来的过滤器。",
            },
            {
              en: "A filter could make a program that has more power than its user believe anything. So not everybody may hand one in: seccomp(2) says who, at the name of this error. Was this process among them a moment ago?",
              zh: "过滤器能让一个权力比用户大的程序相信任何事情，所以不是谁都可以交。seccomp(2) 在这个错误的名字下面说了谁可以。就在刚才，这个进程是不是还可以？",
            },
            {
              en: "It takes CAP_SYS_ADMIN, which capset gives up. Put seccompSteps before capabilitySteps; the filter lets the other calls through.",
              zh: "这需要 CAP_SYS_ADMIN，而 capset 把它放弃了。把 seccompSteps 放到 capabilitySteps 前面；其余的调用，过滤器都会放行。",
            },
          ],
        },
      ],
    },
    {
      id: "seven",
      goal: { en: "its root holds seven capabilities of 41", zh: "41 种能力，它的 root 只有七种" },
      reached: ({ probe }) => areTheSeven(probe.capabilities.effective),
      hints: [
        {
          id: "nothing-left",
          when: ({ probe }) => probe.capabilities.effective.length < SEVEN.length,
          marks: isDrop,
          say: [
            {
              en: "guest has fewer than it was to have: somebody has made its bound too low.",
              zh: "guest 的能力比该有的还少：有人把上限定得太低了。",
            },
            {
              en: "What a program begins with is worked out again when it is started, and is never above the bound. Which capabilities did you drop from it?",
              zh: "程序能有什么，在启动的时候会重新算一遍，而且绝不会超过上限。你从上限里去掉了哪些能力？",
            },
            {
              en: "boundingSteps(capabilities, held) drops all but `capabilities.bounding`, which are the seven.",
              zh: "boundingSteps(capabilities, held) 只留下 `capabilities.bounding`，也就是那七种，其余都去掉。",
            },
          ],
        },
        {
          id: "given-back",
          when: (seen) => drops(seen) === 0,
          marks: isTheirs("capset"),
          say: [
            {
              en: "capset has left it seven, and the program has all 41. Somebody has given them back.",
              zh: "capset 只给它留下七种，程序却有全部 41 种。有人又还给了它。",
            },
            {
              en: "Which call comes after yours? For user 0 it works out anew what a program may do, as if root had just logged in. Of the five sets, one says how far that may go.",
              zh: "你的调用之后，还有哪个调用？对 0 号用户，它会重新算出程序能做什么，好像 root 刚刚登录一样。五个集合里，有一个规定这样最多能到哪里。",
            },
            {
              en: "execve gives root whatever the bounding set holds: lower that with boundingSteps(capabilities, held), as long as you may, which is before capabilitySteps.",
              zh: "上限集合里有什么，execve 就给 root 什么。趁还有资格，用 boundingSteps(capabilities, held) 把它降下来，也就是在 capabilitySteps 之前。",
            },
          ],
        },
      ],
    },
    {
      id: "bound",
      goal: { en: "no program that it starts can hold more", zh: "它启动的程序，谁也不会有更多" },
      reached: ({ probe }) => areTheSeven(probe.capabilities.bounding),
      hints: [
        {
          id: "promised",
          when: ({ probe }) => probe.noNewPrivileges,
          marks: isPromise,
          say: [
            {
              en: "You have promised the kernel for guest that it will never gain anything. That holds, but nobody has asked for it: su and sudo don't work any more, and the bound is where it was.",
              zh: "你替 guest 向内核保证：它永远不会得到更多。这确实管用，可是没有人要求这样：su 和 sudo 都用不了了，上限却还在原处。",
            },
            {
              en: "Somebody who enters the container later has not promised anything. What all of them have in common is a set, and you have a step for it.",
              zh: "以后进到容器里的进程，并没有作过这个保证。它们共有的是一个集合，而你有一个步骤就是管它的。",
            },
            {
              en: "Without noNewPrivileges leave the promise out. boundingSteps lowers the bound, and comes before capabilitySteps, like seccompSteps.",
              zh: "没有 noNewPrivileges，就不要作这个保证。用 boundingSteps 降低上限；它和 seccompSteps 一样，放在 capabilitySteps 之前。",
            },
          ],
        },
      ],
    },
    {
      id: "filter",
      goal: { en: "the kernel asks the filter about each of its calls", zh: "它的每个调用，内核都要先问过滤器" },
      reached: ({ probe }) => probe.seccomp === "filter",
      hints: [
        {
          id: "no-filter",
          when: ({ probe }) => probe.seccomp === "off",
          say: [
            {
              en: "There is no filter: /proc/PID/status says `Seccomp: 0` of guest.",
              zh: "没有过滤器：/proc/PID/status 里，guest 的那一行是 `Seccomp: 0`。",
            },
            {
              en: "One is lying there ready for you, compiled, in what your function is given. Which of the steps hands it to the kernel?",
              zh: "交给你的函数的东西里，就有一个编译好的过滤器。哪个步骤把它交给内核？",
            },
            {
              en: "seccompSteps(seccomp.filter), before capabilitySteps: afterwards the kernel takes none from this process.",
              zh: "seccompSteps(seccomp.filter)，放在 capabilitySteps 之前：过了那里，内核就不再接受这个进程的过滤器了。",
            },
          ],
        },
      ],
    },
    {
      id: "read-only",
      goal: { en: "it can't make its / writable", zh: "它没法让自己的 / 变得可写" },
      reached: ({ answers }) => answers[REMOUNT] === "EPERM" && answers[WRITE] === "EROFS",
      hints: [],
    },
  ],
} satisfies Check;
