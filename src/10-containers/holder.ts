// An ordinary user's container whose root is that very user, and to whom things are lent that he shall not change from in
// there. Views are locked when they cross into another user namespace (02-rootfs/lend.ts), and he can't leave one he has
// made. So a process makes the namespaces in which they hang, they are kept by descriptors, and it ends; the launcher
// enters them and makes the container's own from there.
//
//   the user's            U1: views on hooks          U2: the container
//   ─────────             ──────────────────          ─────────────────
//   clone3 ─────────────► hang views, wait
//   open ns/user, ns/mnt ◄┘
//   launcher ──setns────► clone3(CLONE_NEWUSER|…) ──► a copy, locked

import { closeSync, existsSync, openSync } from "node:fs";
import {
  awaitStep,
  CLOSE_RANGE,
  cloneStep,
  closeRangeStep,
  execveatStep,
  goStep,
  type Launched,
  launch,
  mkdirStep,
  type Plan,
  programFd,
  reap,
  reg,
} from "../01-syscalls/index.ts";
import { HOOKS } from "../02-rootfs/index.ts";
import { flagsOf } from "../03-namespaces/index.ts";
import { MOUNTS, USERS } from "./holder-join.ts";
import type { PlanInput } from "./plan.ts";
import { stage } from "./stages.ts";
import { volumeViews } from "./volumes/mounts.ts";

/** The hook that is made when all others are there. */
const READY = "ready";

type Lent = Pick<PlanInput, "spec" | "root" | "isFile" | "volumes">;

/** Lends `work` descriptors of the two namespaces, by register. Throws SyscallError. */
export function withHolder<T>(input: Lent, work: (fds: Record<string, number>) => T): T {
  const fds: Record<string, number> = {};
  const beforeGo = ({ pid }: Launched) => {
    if (!isReady(pid, input.root.at)) return;
    fds[USERS] = openSync(`/proc/${pid}/ns/user`, "r");
    fds[MOUNTS] = openSync(`/proc/${pid}/ns/mnt`, "r");
  };
  try {
    const { launcherPid } = launch(holderPlan(input), { fds: { ending: programFd("init") }, beforeGo });
    reap(launcherPid, true);
    return work(fds);
  } finally {
    for (const fd of Object.values(fds)) closeSync(fd);
  }
}

function holderPlan({ spec, root, isFile, volumes }: Lent): Plan {
  const [rootfs, namespaces, overlay] = [stage("02-rootfs"), stage("03-namespaces"), stage("05-overlay")];
  const [uid, gid] = [process.getuid!(), process.getgid!()];
  const self = {
    uidMappings: [{ containerID: uid, hostID: uid, size: 1 }],
    gidMappings: [{ containerID: gid, hostID: gid, size: 1 }],
  };
  return {
    before: [
      closeRangeStep({ first: 3, flags: CLOSE_RANGE.CLOEXEC, why: "nothing of ours is needed inside" }),
      cloneStep({ flags: flagsOf(["user", "mount"]), why: "a process, for the namespaces it is in" }),
    ],
    beside: [...namespaces.userMapSteps(self, false), goStep("it may hang views"), goStep("its namespaces are kept")],
    inside: [
      awaitStep("its map is written"),
      ...rootfs.hookSteps(root.at),
      ...rootfs.bindViewSteps(spec.mounts ?? [], { isFile, otherView: volumeViews(volumes) }),
      ...("lower" in root ? overlay.ownedViewSteps(root) : []),
      mkdirStep({ dir: HOOKS, path: READY, mode: 0o700, why: "all that is lent hangs" }),
      awaitStep("somebody opens its namespaces"),
      execveatStep({ fd: reg("ending"), argv: ["init", "--", "/"], env: [], why: "a program that ends at once" }),
    ],
  };
}

/** False if it ended instead; launch() will say why. */
function isReady(pid: number, at: string): boolean {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  while (existsSync(`/proc/${pid}/ns/mnt`)) {
    if (existsSync(`/proc/${pid}/root${at}/${READY}`)) return true;
    Atomics.wait(pause, 0, 0, 1);
  }
  return false;
}
