// execve(2) leaves a process its number, its parent, its terminal and whatever it has open. So what asks for a process of one
// thread, such as setns(2) into a namespace of users, can be done for the very process that a shell has started: it becomes
// the launcher, and then what the launcher's list ends with. Nobody has to stay and pass signals and exit codes on.

import { dupStep, execveStep, inheritStep } from "./calls.ts";
import { perform } from "./perform.ts";
import { programFd } from "./programs.ts";
import { aboveAll, PROGRAM_FD, programOf } from "./start.ts";
import type { Step } from "./step.ts";

/**
 * Never returns. `fds`: descriptors of ours, by the registers that hold them in the list, which ends with an execve. If a step
 * of it fails, the launcher says so and exits with 125. Throws SyscallError if it can't be begun.
 */
export function become(steps: Step[], fds: Record<string, number>): never {
  const { program } = programOf({ before: steps, inside: [], after: [] }, 0, fds);
  const [launcher, ...passed] = [programFd("launcher"), program, ...Object.values(fds)].map(aboveAll);
  perform([
    ...passed.map((from, index) => dupStep({ from, to: PROGRAM_FD + index, why: "the launcher looks for it there" })),
    ...[0, 1, 2].map((fd) => inheritStep({ fd, why: "Node has marked it close-on-exec" })),
    execveStep({
      path: `/proc/self/fd/${launcher}`,
      argv: ["mini-docker-launcher"],
      env: [],
      why: "become the launcher",
    }),
  ]);
  throw new Error("execve came back");
}
