// Who wants to know an address asks a name server: resolv.conf(5). That of a container is at 127.0.0.11, which is in the
// container, and nobody is there. So before the container's program begins, two sockets are made in its network on which
// questions are to arrive, and sent out to those who stay outside. There they are kept by the container's monitor, and
// whoever answers has copies of them. If he dies, questions wait in the sockets until the next one comes.
//
//   container                      monitor          name server
//   127.0.0.11:30053, UDP, TCP ───► keeps them ────► pidfd_getfd(2)
//         ▲
//   port 53, by a rule of the container's own network: its programs may have port 53 for themselves

import {
  AF,
  dupStep,
  receiveDescriptorStep,
  reg,
  SOCK,
  type Step,
  sendDescriptorStep,
  socketpairStep,
  step,
} from "../01-syscalls/index.ts";
import type { Cable } from "./cable.ts";
import { type Chain, tableSteps } from "./chains.ts";
import { address, port, sendTo } from "./expressions.ts";
import { NETLINK, netlinkStep } from "./netlink.ts";
import { socketAddress } from "./ports.ts";

/** As in Docker's containers. */
export const NAME_SERVER = "127.0.0.11";

const DNS_PORT = 53;
/** Below those that the kernel gives to whoever doesn't care. */
const OUR_PORT = 30_053;

const SOCKETS = ["names-udp", "names-tcp"] as const;

/** In the launcher: a line through which they come out. */
export function nameLineSteps(cables: readonly Cable[]): Step[] {
  if (cables.length === 0) return [];
  return [
    socketpairStep({ one: "names", other: "names-inside", why: "the container will send its questions' sockets" }),
  ];
}

/** In the container's network, once it has a loopback. Sockets there are in any case: it may come to a network with names. */
export function nameSteps(cables: readonly Cable[]): Step[] {
  if (cables.length === 0) return [];
  return [...nameSocketSteps(), ...(cables.some(({ hasNames }) => hasNames) ? nameRuleSteps({ isNew: true }) : [])];
}

function nameSocketSteps(): Step[] {
  const why = "here the container's programs ask for names";
  const [udp, tcp] = SOCKETS;
  const at = socketAddress(NAME_SERVER, OUR_PORT);
  return [
    step("socket", [AF.INET, SOCK.DGRAM | SOCK.CLOEXEC, 0], { why, as: udp }),
    step("bind", [reg(udp), at, 16], { why }),
    step("socket", [AF.INET, SOCK.STREAM | SOCK.CLOEXEC, 0], { why, as: tcp }),
    step("bind", [reg(tcp), at, 16], { why }),
    step("listen", [reg(tcp), BACKLOG], { why }),
    ...SOCKETS.map((name) => {
      const about = { data: "s", bytes: 1, why: "who answers is outside" };
      return sendDescriptorStep({ socket: reg("names-inside"), descriptor: reg(name), ...about });
    }),
  ];
}

const BACKLOG = 128;

/** In what becomes the monitor: it has them as `first` and the number after that. */
export function keepNameSocketsSteps(first: number): Step[] {
  return [
    step("close", [reg("names-inside")], { why: "that end is the container's" }),
    ...SOCKETS.map((as) => {
      return receiveDescriptorStep({ socket: reg("names"), as, why: "a socket for questions, out of the container" });
    }),
    ...SOCKETS.map((name, index) => {
      return dupStep({ from: reg(name), to: first + index, why: "the monitor keeps it, whoever answers" });
    }),
  ];
}

/** In the network of a container that is to have names: port 53 leads to these sockets, for who asks at their address. */
export function nameRuleSteps({ isNew = false } = {}): Step[] {
  const rules = (["udp", "tcp"] as const).map((protocol) => {
    return [address("daddr", NAME_SERVER), port(protocol, DNS_PORT), sendTo(NAME_SERVER, OUR_PORT)];
  });
  const chain: Chain = { name: "names", hook: { type: "nat", at: "output", priority: "-100" }, rules };
  return [
    netlinkStep(NETLINK.NETFILTER, "netlink"),
    ...tableSteps({ family: "ip", table: "mini-docker", chains: [chain], isNew }),
    step("close", [reg("netlink")], { why: "the rule is there" }),
    ...knockSteps(),
  ];
}

/** What netlink answers nobody in there can read. So somebody knocks: without the rule nobody would open. */
function knockSteps(): Step[] {
  const why = "is somebody there?";
  return [
    step("socket", [AF.INET, SOCK.STREAM | SOCK.CLOEXEC, 0], { why, as: "knock" }),
    step("connect", [reg("knock"), socketAddress(NAME_SERVER, DNS_PORT), 16], { why }),
    step("close", [reg("knock")], { why }),
  ];
}

/** In who answers: copies of both. `monitor` is its pid. Returns the registers `names-udp` and `names-tcp`. */
export function takeNameSocketsSteps(monitor: number, first: number): Step[] {
  const why = "the sockets on which a container asks";
  return [
    step("pidfd_open", [monitor, 0], { why, as: "monitor" }),
    ...SOCKETS.map((name, index) => step("pidfd_getfd", [reg("monitor"), first + index, 0], { why, as: name })),
    step("close", [reg("monitor")], { why: "it isn't needed any more" }),
  ];
}
