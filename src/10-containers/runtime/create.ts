// `create`: a bundle becomes a process that has everything but its program, on the same list of calls as `run`'s containers.

import { userInfo } from "node:os";
import { resolve } from "node:path";
import { type Launched, type LaunchOptions, launch, reap } from "../../01-syscalls/index.ts";
import { isPrivileged } from "../../03-namespaces/index.ts";
import { killGroup, removeGroup } from "../../04-cgroups/index.ts";
import { cachedFilter } from "../../07-security/index.ts";
import { removeParentGroups } from "../cgroup.ts";
import { placesOf } from "../command.ts";
import { writeFileAtomic } from "../files.ts";
import { identify } from "../identity.ts";
import { withOwners } from "../owners.ts";
import { containerPlan, lendsViews, type PlanInput } from "../plan.ts";
import { prepare } from "../prepare.ts";
import { readBundle } from "../spec/bundle.ts";
import { readBeneath } from "../spec/layer-files.ts";
import type { Process } from "../spec/oci.ts";
import { resolveUser } from "../spec/user.ts";
import { startError } from "../start-error.ts";
import { START, withStartFifo } from "../start-fifo.ts";
import { copiesUp, copyUp } from "./copy-up.ts";
import { requireProgram } from "./find-program.ts";
import { hasCreateHooks, runHooks, runHooksInside } from "./hooks.ts";
import { handedOverCount, handedOverFds, listenEnv } from "./inherited.ts";
import { listenerOptions } from "./listener.ts";
import { consoleFds, streamsOf } from "./own-streams.ts";
import type { Console } from "./own-terminal.ts";
import {
  claimFolder,
  filtersIn,
  type RuntimeContainer,
  removeFiles,
  stateOf,
  stateWith,
  writeContainer,
  writeGroup,
} from "./runtime-container.ts";

export interface CreateRequest extends Console {
  root: string;
  id: string;
  bundle: string;
  pidFile?: string;
  /** How many of the caller's descriptors, from 3 on, the program gets. */
  preserveFds: number;
  /** The root is moved over the host's instead: where it can't be pivoted. */
  noPivot?: boolean;
  /** The caller's session keyring is the program's, too. */
  keepsKeyring?: boolean;
  onWarning(warning: string): void;
}

/** Throws UserError and StartError; nothing of it is left then. */
export async function createRuntimeContainer(request: CreateRequest): Promise<RuntimeContainer> {
  const { root, id } = request;
  const bundle = resolve(request.bundle);
  const { spec: asked, rootfs, warnings } = readBundle(bundle, NO_PROGRAM);
  const spec = { ...asked, process: completed(asked.process!, rootfs) };
  for (const warning of warnings) request.onWarning(warning);
  const files = claimFolder(root, id);
  try {
    const input = await prepare({
      id,
      spec,
      // Hooks expect to find what is mounted below the bundle's own directory. Lent views would cover it.
      root: { directory: rootfs, at: lendsViews({ spec, privileged: isPrivileged() }) ? files.rootfs : rootfs },
      stdio: streamsOf(spec.process, request),
      isEverywhere: true,
      filterFor: (profile) => cachedFilter(filtersIn(root), profile),
    });
    for (const warning of input.warnings) request.onWarning(warning);
    writeGroup(files, input.cgroup.group);
    const made = { id, files, bundle, rootfs, spec, created: new Date().toISOString(), owner: userInfo().username };
    return await launchContainer({ ...made, group: input.cgroup.group }, input, request);
  } catch (error) {
    removeFiles(root, files);
    throw error;
  }
}

/** A container may be created without a process; only `start` needs one. */
const NO_PROGRAM: Process = { user: { uid: 0, gid: 0 }, cwd: "/", args: [""] };

/** What everybody expects in an environment and config.json may leave out: whose home it is, and whose sockets there are. */
function completed(process: Process, rootfs: string): Process {
  const env = [...(process.env ?? []), ...listenEnv()];
  if (env.some((pair) => pair.startsWith("HOME="))) return { ...process, env };
  const files = { passwd: readBeneath(rootfs, "etc/passwd"), group: undefined };
  return { ...process, env: [...env, `HOME=${resolveUser(files, String(process.user.uid)).home}`] };
}

type Made = Omit<RuntimeContainer, "process">;

async function launchContainer(made: Made, prepared: PlanInput, request: CreateRequest): Promise<RuntimeContainer> {
  const { hooks } = made.spec;
  const process = prepared.spec.process!;
  const handed = handedOverFds(handedOverCount(request.preserveFds));
  const input: PlanInput = {
    ...prepared,
    waitsForStart: true,
    ...(request.noPivot && { noPivot: true }),
    ...(request.keepsKeyring && { keepsKeyring: true }),
    handedOver: Object.keys(handed),
    ...((hasCreateHooks(hooks) || made.spec.mounts?.some(copiesUp)) && { hasHooks: true }),
  };
  let container: RuntimeContainer | undefined;
  const whole = (launched: Launched): RuntimeContainer => ({ ...made, process: identify(launched.pid)! });
  const options: LaunchOptions = {
    keepStdio: true,
    ...listenerOptions(made.spec.linux?.seccomp, stateWith(made, "creating")),
    atWait: (launched) => {
      copyUp(made.spec.mounts, made.rootfs, `/proc/${launched.pid}/root${prepared.root.at}`);
      const state = stateOf(whole(launched), "creating");
      // They are the oldest kind, and were once called by "start".
      runHooks(hooks?.prestart, { ...state, status: "created" });
      runHooks(hooks?.createRuntime, state);
      runHooksInside(hooks?.createContainer, state);
    },
    beforeGo: (launched) => {
      container = whole(launched);
      if (process.args![0] !== "") requireProgram(container.process.pid, process.args![0]!, placesOf(process));
      writeContainer(container);
      if (request.pidFile !== undefined)
        writeFileAtomic(request.pidFile, String(launched.pid), { mode: 0o644, skipSync: true });
    },
  };
  try {
    withStartFifo(made.files.start, (fifo) =>
      withOwners(input.spec, input.shiftsOwners, (fds) => {
        const { launcherPid } = launch(containerPlan(input), {
          ...options,
          fds: { [START]: fifo, ...handed, ...consoleFds(request), ...fds },
        });
        reap(launcherPid, true);
      }),
    );
    return container!;
  } catch (cause) {
    await killGroup(made.group);
    await removeGroup(made.group);
    removeParentGroups();
    throw startError(made.id, cause);
  }
}
