// Lesson 08: who guest is on its own network, whom it takes for near, and whether its packets come back.

import { type Check, callsNamed, failedCall, isOwn, type Seen, type SeenCall } from "mini-docker/course";

const GUEST = "10.8.0.2";
const GATEWAY = "10.8.0.1";
/** Only the gateway knows the way to it. */
const BEHIND = "10.9.0.1";
const NEAR = "10.8.0.0/24";
const ALL_OTHERS = "0.0.0.0/0";

const about = (request: string) => (call: SeenCall) => call.isTheirs && call.call.includes(request);
const isOn = about("IFF_UP");
const isAddress = about("SIOCSIFADDR");
const isMask = about("SIOCSIFNETMASK");
const isWay = about("SIOCADDRT");

/** The kernel has refused one of these, and why. */
const isRefused = (seen: Seen, is: typeof isOn, errno: string) => {
  const failed = failedCall(seen);
  return failed !== undefined && is(failed) && failed.errno === errno;
};

/** One of these was made, up to the call that failed. */
const hasDone = (seen: Seen, is: typeof isOn) =>
  callsNamed(seen, "ioctl").some((call) => is(call) && call.outcome === "done");

const routeTo = ({ probe }: Seen, to: string) => probe.routes.find((route) => route.to === to && route.link !== "lo");

export default {
  scenarios: [{ id: "ask", probe: ["wait", "ask", GATEWAY, "ask", BEHIND, "wait"] }],
  goals: [
    {
      id: "runs",
      goal: { en: "the program runs", zh: "程序运行起来了" },
      reached: () => true,
      hints: [
        {
          id: "mask-first",
          when: (seen) => isRefused(seen, isMask, "EADDRNOTAVAIL"),
          marks: isMask,
          say: [
            {
              en: "The kernel has refused the mask: there is nothing yet that it could be the mask of.",
              zh: "内核拒绝了掩码：这时还没有东西可以让它来当掩码。",
            },
            {
              en: "Which bits of 10.8.0.2 a neighbour shares, is a question about 10.8.0.2. What has to be there before it can be answered?",
              zh: "“邻居和 10.8.0.2 有哪些位相同”，问的是 10.8.0.2。要回答它，先得有什么？",
            },
            {
              en: "Put addressStep(name, address) before netmaskStep(name, prefix): the kernel keeps the mask with the address.",
              zh: "把 addressStep(name, address) 放在 netmaskStep(name, prefix) 前面：内核把掩码和地址存在一起。",
            },
          ],
        },
        {
          id: "still-off",
          when: (seen) => isRefused(seen, isWay, "ENETUNREACH") && !hasDone(seen, isOn),
          marks: isOn,
          say: [
            {
              en: "The kernel doesn't take the way to everybody else: it finds no way to the gateway. The link has its address, and is off.",
              zh: "内核不接受通向其他所有人的路：它找不到通向网关的路。链路有了地址，可是还关着。",
            },
            {
              en: "The kernel notes by itself who is near, as soon as packets could go there. What is missing for that?",
              zh: "只要数据包能够过去，谁在近处，内核自己就会记下来。要做到这一点，还缺什么？",
            },
            {
              en: "linkUpStep(name, …) comes before routeStep(gateway), best of all first.",
              zh: "linkUpStep(name, …) 要放在 routeStep(gateway) 前面，最好放在最前面。",
            },
          ],
        },
        {
          id: "way-first",
          when: (seen) => isRefused(seen, isWay, "ENETUNREACH"),
          marks: isWay,
          say: [
            {
              en: "The kernel doesn't take the way to everybody else: the gateway isn't near, as far as it knows by then.",
              zh: "内核不接受通向其他所有人的路：就它这时知道的，网关不在近处。",
            },
            {
              en: "A way can only begin at somebody who is reached without one. From what does the kernel learn who that is?",
              zh: "一条路，只能从不用路就能到的人那里开始。谁是这样的人，内核从哪里知道？",
            },
            {
              en: "Put routeStep(gateway) last: after addressStep and netmaskStep the kernel knows that 10.8.0.1 is near.",
              zh: "把 routeStep(gateway) 放在最后：有了 addressStep 和 netmaskStep，内核就知道 10.8.0.1 在近处。",
            },
          ],
        },
      ],
    },
    {
      id: "own",
      goal: { en: "it has a network of its own, and is 10.8.0.2 there", zh: "它有自己的网络，在那里它是 10.8.0.2" },
      reached: (seen) => isOwn(seen, "net") && seen.probe.addresses.includes(GUEST),
      hints: [
        {
          id: "nobody",
          when: ({ probe }) => !probe.addresses.includes(GUEST),
          marks: isAddress,
          say: [
            {
              en: "In its network nobody is 10.8.0.2: /proc/PID/net/fib_trie has no such address.",
              zh: "在它的网络里，没有谁是 10.8.0.2：/proc/PID/net/fib_trie 里没有这个地址。",
            },
            {
              en: "A link is a cable's end, and who it is has to be said. What did you give to which link?",
              zh: "链路只是线缆的一头，它是谁，得有人说。你把什么给了哪条链路？",
            },
            {
              en: "addressStep(name, address), with the `address` of the same cable.",
              zh: "addressStep(name, address)，用同一条线缆的 `address`。",
            },
          ],
        },
      ],
    },
    {
      id: "near",
      goal: { en: "it takes 10.8.0.x for its neighbours, and nobody else", zh: "它只把 10.8.0.x 当作邻居" },
      reached: (seen) => routeTo(seen, NEAR) !== undefined && routeTo(seen, NEAR)?.via === undefined,
      hints: [
        {
          id: "off",
          when: ({ probe }) => !probe.routes.some(({ link }) => link !== "lo"),
          marks: isOn,
          say: [
            {
              en: "It has no neighbours at all: /proc/PID/net/route is empty. The link has an address, and is off.",
              zh: "它一个邻居也没有：/proc/PID/net/route 是空的。链路有地址，可是关着。",
            },
            {
              en: "What does `ip link` in there show of eth0? Nothing goes into a cable whose end is off.",
              zh: "在里面用 `ip link` 看 eth0，显示什么？一头关着的线缆，什么也进不去。",
            },
            {
              en: "linkUpStep(name, …) switches it on: put it first.",
              zh: "用 linkUpStep(name, …) 打开它：放在最前面。",
            },
          ],
        },
        {
          id: "no-mask",
          when: (seen) => routeTo(seen, "10.0.0.0/8") !== undefined,
          marks: isAddress,
          say: [
            {
              en: "It takes 16 million for its neighbours: /proc/PID/net/route says 10.0.0.0/8. It looks for 10.9.0.1 on its own link, where nobody answers.",
              zh: "它把一千六百万个地址都当成邻居：/proc/PID/net/route 里写着 10.0.0.0/8。它在自己的链路上找 10.9.0.1，那里没人回答。",
            },
            {
              en: "Nobody has said how many bits neighbours share, so the kernel went by the first number, as was usual in 1981: with a 10 in front, by eight bits. What has Mei decided?",
              zh: "没人说过邻居有多少位相同，内核就按 1981 年的惯例，看第一个数：开头是 10，就是八位。小梅是怎么定的？",
            },
            {
              en: "netmaskStep(name, prefix), after addressStep: it says 24.",
              zh: "在 addressStep 之后加上 netmaskStep(name, prefix)：它说的是 24 位。",
            },
          ],
        },
      ],
    },
    {
      id: "way",
      goal: { en: "everybody else it reaches through the gateway", zh: "其他所有人，它都通过网关去找" },
      reached: (seen) => routeTo(seen, ALL_OTHERS)?.via === GATEWAY,
      hints: [
        {
          id: "through-itself",
          when: (seen) => routeTo(seen, ALL_OTHERS) !== undefined,
          marks: isWay,
          say: [
            {
              en: "There is a way to everybody else, and the gateway isn't on it: it takes the whole world for its neighbours.",
              zh: "通向其他所有人的路是有的，可是网关不在上面：它把全世界都当成了邻居。",
            },
            {
              en: "Whom did you name as the one to be asked? Of itself the kernel says: then there is nobody to be asked, they are all on the link.",
              zh: "你说的那个该去问的人，是谁？如果是它自己，内核就认为：那就没有谁要问，大家都在这条链路上。",
            },
            {
              en: "routeStep(gateway), with the `gateway` of the cable, not its `address`.",
              zh: "routeStep(gateway)，用线缆的 `gateway`，不是它的 `address`。",
            },
          ],
        },
        {
          id: "no-way",
          when: (seen) => routeTo(seen, ALL_OTHERS) === undefined,
          say: [
            {
              en: "It knows its neighbours and nobody else: /proc/PID/net/route has no line for the rest of the world.",
              zh: "它只知道邻居：/proc/PID/net/route 里没有一行说到外面的世界。",
            },
            {
              en: "10.9.0.1 is behind somebody whom it can reach. Who has told it so?",
              zh: "10.9.0.1 就在一个它能找到的人后面。谁告诉过它？",
            },
            {
              en: "routeStep(gateway), where the cable has a `gateway`, as the last of all.",
              zh: "线缆有 `gateway` 的时候，在最后加上 routeStep(gateway)。",
            },
          ],
        },
      ],
    },
    {
      id: "answered",
      goal: { en: "the gateway answers it, and who is behind the gateway, too", zh: "网关回答它，网关后面的也回答它" },
      reached: ({ answers }) => answers[`ask ${GATEWAY}`] === "OK" && answers[`ask ${BEHIND}`] === "OK",
      hints: [],
    },
  ],
} satisfies Check;
