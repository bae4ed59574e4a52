// A filter may say of a call: ask. The program then stands still in that call, and who holds the filter's descriptor reads what
// was called with which arguments, and answers for the kernel (seccomp_unotify(2)). The runtime specification calls him the
// seccomp agent: he listens on a socket, and gets the descriptor and a word on whose it is.
//
//   launcher                              child                                  agent
//   ────────                              ─────                                  ─────
//   connect ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄► accept
//   socketpair, clone3 ─────────────────► …
//   recvmsg ◄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ seccomp, sendmsg: the descriptor
//   sendmsg: the state, the descriptor ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄► recvmsg
//                                         …, execve: may stand still already ◄── answers
//
// The child can't do it all: it doesn't know its number outside, and the socket's path is the host's.

import {
  closeStep,
  connectSteps,
  PID,
  readyStep,
  receiveDescriptorStep,
  reg,
  type Step,
  sendDescriptorStep,
  socketpairStep,
  type Text,
  UserError,
} from "../01-syscalls/index.ts";
import type { LinuxSeccomp } from "./seccomp.ts";

/** The registers with the child's end of the line, and with what goes through it. */
export const LISTENER_LINE = "listener-line";
export const LISTENER = "listener";
const AGENT = "agent";
const LAUNCHERS_END = "listener-launcher";

/** Whether somebody is to be asked, and where he listens. Throws UserError where nobody could be. */
export function agentOf({ syscalls = [], listenerPath }: LinuxSeccomp): string | undefined {
  const asked = syscalls.filter(({ action }) => action === "SCMP_ACT_NOTIFY").flatMap(({ names }) => names);
  if (asked.length === 0) return undefined;
  if (listenerPath === undefined) throw new UserError("SCMP_ACT_NOTIFY asks a listener, and listenerPath names none");
  // That very call brings him what he could answer with.
  if (asked.includes("sendmsg")) throw new UserError("SCMP_ACT_NOTIFY can't be asked of sendmsg");
  return listenerPath;
}

/** In the launcher, before there is a child. */
export function callAgentSteps(path: string): Step[] {
  return [
    ...connectSteps({ path, as: AGENT, why: "who is to be asked about calls listens here" }),
    socketpairStep({ one: LAUNCHERS_END, other: LISTENER_LINE, why: "on which the child will send what he needs" }),
  ];
}

/** In the child, right behind the filter; `line` is where its end of the line is by now. */
export function sendListenerStep(line: string): Step {
  const why = "who holds this is asked, and answers for the kernel";
  return sendDescriptorStep({ socket: reg(line), descriptor: reg(LISTENER), data: "l", bytes: 1, why });
}

/** In the launcher, after the child was split off. */
export function informAgentSteps(state: Text): Step[] {
  const literal = state.text.filter((part) => typeof part === "string").join("");
  // How long the numbers in it are isn't known. JSON may end with spaces, of which they push some out.
  const text = [...state.text, " ".repeat(ROOM_FOR_NUMBERS)];
  const bytes = Buffer.byteLength(literal) + ROOM_FOR_NUMBERS;
  const [socket, descriptor] = [reg(AGENT), reg(LISTENER)];
  return [
    readyStep("nothing waits for what follows"),
    closeStep({ fd: reg(LISTENER_LINE), why: "a child that ends leaves nobody on the other side" }),
    receiveDescriptorStep({ socket: reg(LAUNCHERS_END), as: LISTENER, why: "until the child's filter is in force" }),
    sendDescriptorStep({ socket, descriptor, data: { text }, bytes, why: "and whose filter it is" }),
  ];
}

const ROOM_FOR_NUMBERS = 40;

/** The `container process state` of the specification (config-linux.md). `pid` is the process's, or the launcher's child. */
export function processState(about: ProcessState): Text {
  const { ociVersion, state, seccomp } = about;
  const { listenerMetadata: metadata } = seccomp;
  const { pid = PID, ...container } = state;
  return {
    text: [
      openJson({ ociVersion, fds: ["seccompFd"], ...(metadata !== undefined && { metadata }) }),
      PID,
      `,"state":${openJson(container)}`,
      typeof pid === "number" ? String(pid) : pid,
      "}}",
    ],
  };
}

export interface ProcessState {
  ociVersion: string;
  /** The container's, as hooks get it; its process is the launcher's child unless it says another. */
  state: object & { pid?: number };
  seccomp: LinuxSeccomp;
}

/** Up to a field that only the launcher can fill in. */
function openJson(object: object): string {
  return `${JSON.stringify(object).slice(0, -1)},"pid":`;
}
