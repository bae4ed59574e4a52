// What a process would hear if it asked for its hostname. No file of /proc tells an outsider: /proc/sys/kernel/hostname
// answers whoever reads it for the namespace that he is in. So somebody has to go there, and it can't be this process, all
// of whose threads would have to. It is a child, which enters, copies the file's text to us (sendfile(2)), and ends.

import { closeSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import {
  awaitStep,
  cloneStep,
  execveatStep,
  goStep,
  launch,
  O,
  openStep,
  type Plan,
  perform,
  pipeStep,
  programFd,
  reap,
  reg,
  step,
} from "../../../01-syscalls/index.ts";
import { differentKinds, joinProcessSteps } from "../../../03-namespaces/index.ts";

const FRESH_MS = 2_000;

/** Asks once in a while, and answers from memory in between. */
export class Hostnames {
  private readonly known = new Map<number, { name: string; at: number }>();

  /** Of process `pid`; ours where it can't be found out. */
  of(pid: number, now = Date.now()): string {
    const known = this.known.get(pid);
    if (known && now - known.at < FRESH_MS) return known.name;
    const name = asked(pid);
    this.known.set(pid, { name, at: now });
    return name;
  }
}

function asked(pid: number): string {
  try {
    const kinds = differentKinds("self", pid).filter((kind) => kind === "user" || kind === "uts");
    return kinds.includes("uts") ? hostnameIn(planFor(pid, kinds)) : hostname();
  } catch {
    // It has ended meanwhile, or is somebody else's.
    return hostname();
  }
}

function hostnameIn(plan: Plan): string {
  const { text, given } = perform([pipeStep({ read: "text", write: "given", why: "its answer, for us" })]);
  try {
    sent(plan, given!);
    return readFileSync(text!, "utf8").trim();
  } finally {
    closeSync(text!);
  }
}

/** Once we have let go of it too, the pipe has an end. */
function sent(plan: Plan, answer: number): void {
  try {
    reap(launch(plan, { fds: { answer, ending: programFd("init") } }).launcherPid, true);
  } finally {
    closeSync(answer);
  }
}

function planFor(pid: number, kinds: ReturnType<typeof differentKinds>): Plan {
  const joined = joinProcessSteps(pid, kinds);
  const path = "/proc/sys/kernel/hostname";
  return {
    before: [...joined.before, cloneStep({ flags: 0, why: "a process that may go there" })],
    beside: [goStep("it may go")],
    inside: [
      awaitStep("we have to be ready to listen"),
      ...joined.inside,
      openStep({ path, flags: O.RDONLY, why: "the kernel's answer to whoever is in here", as: "name" }),
      step("sendfile", [reg("answer"), reg("name"), null, 256], { why: "what it says, to who sent us" }),
      execveatStep({ fd: reg("ending"), argv: ["init", "--", "/"], env: [], why: "a program that ends at once" }),
    ],
  };
}
