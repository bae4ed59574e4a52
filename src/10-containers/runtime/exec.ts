// `exec`: one more process in a container of the OCI runtime, on the same list of calls as the engine's own exec.

import {
  exitCodeOf,
  type Launched,
  launch,
  PR,
  performOne,
  prctlStep,
  reap,
  UserError,
} from "../../01-syscalls/index.ts";
import { cachedFilter } from "../../07-security/index.ts";
import { execPlan } from "../exec-plan.ts";
import { writeFileAtomic } from "../files.ts";
import { isAlive } from "../identity.ts";
import type { Process } from "../spec/oci.ts";
import { startError } from "../start-error.ts";
import { handedOverCount, handedOverFds, listenEnv } from "./inherited.ts";
import { listenerOptions } from "./listener.ts";
import { consoleFds, streamsOf } from "./own-streams.ts";
import { type Console, shownHere } from "./own-terminal.ts";
import { signalsPassedOn } from "./pass-signals.ts";
import { filtersIn, type RuntimeContainer, readContainer, stateOf, statusOf } from "./runtime-container.ts";

export interface ExecRequest extends Console {
  root: string;
  id: string;
  process: Process;
  detach: boolean;
  ignorePaused: boolean;
  pidFile?: string;
  preserveFds: number;
}

/** The exit code of the process; 0 for one that goes on alone. Throws UserError and StartError. */
export async function execInRuntimeContainer(request: ExecRequest): Promise<number> {
  const { root, id, process: asked, detach, console } = request;
  const container = readContainer(root, id);
  refuseStatus(container, request.ignorePaused);
  if (detach) {
    await begin(container, request);
    return 0;
  }
  performOne(prctlStep({ option: PR.SET_CHILD_SUBREAPER, args: [1], why: "the process becomes our child" }));
  const stay = async (own: ExecRequest) => {
    const pid = await begin(container, own);
    const stop = signalsPassedOn(pid);
    const code = await exitCodeOf(pid);
    stop();
    return code;
  };
  return asked.terminal && !console ? shownHere(request, stay) : stay(request);
}

function refuseStatus(container: RuntimeContainer, ignorePaused: boolean): void {
  const status = statusOf(container);
  if (status === "stopped") throw new UserError("cannot exec in a stopped container");
  if (status === "paused" && !ignorePaused) {
    throw new UserError("cannot exec in a paused container (use --ignore-paused to override)");
  }
}

async function begin(container: RuntimeContainer, request: ExecRequest): Promise<number> {
  const { process: first, spec, group, id } = container;
  const handed = handedOverFds(handedOverCount(request.preserveFds));
  const process = { ...request.process, env: [...(request.process.env ?? []), ...listenEnv()] };
  const plan = await execPlan({
    first: first.pid,
    spec: { ...spec, process },
    stdio: streamsOf(process, request),
    group,
    filterFor: (profile) => cachedFilter(filtersIn(request.root), profile),
    handedOver: Object.keys(handed),
  });
  const beforeGo = ({ pid }: Launched) => {
    // If the first process is still the one we know, the namespaces that were entered were the container's.
    if (!isAlive(first)) throw new UserError("cannot exec in a stopped container");
    if (request.pidFile !== undefined) writeFileAtomic(request.pidFile, String(pid), { mode: 0o644, skipSync: true });
  };
  try {
    const { pid, launcherPid } = launch(plan, {
      fds: { ...handed, ...consoleFds(request) },
      keepStdio: true,
      ...listenerOptions(spec.linux?.seccomp, stateOf(container)),
      beforeGo,
    });
    reap(launcherPid, true);
    return pid;
  } catch (cause) {
    throw startError(id, cause);
  }
}
