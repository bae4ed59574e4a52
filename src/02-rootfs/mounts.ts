// What is mounted below the container's root. A mount is made in two halves that mount(2) does in one: first the mount
// itself, as a descriptor that hangs nowhere (a new filesystem: filesystem.ts; a view of a host directory: bind.ts),
// then hanging it onto a place that the kernel resolved beneath the rootfs (destination.ts). In between nobody can
// reach the mount, so it is never visible with attributes it should not have; and between resolving and hanging there
// is no path that could be swapped for a link. Mounting over something outside the root can't even be expressed.

import { type Step, UserError } from "../01-syscalls/index.ts";
import {
  type BindSurroundings,
  bindSteps,
  hasOwners,
  hookOf,
  type OtherViews,
  refuseOwners,
  type UsernsOf,
} from "./bind.ts";
import { checkDestination } from "./destination.ts";
import { filesystemSteps } from "./filesystem.ts";
import { isBind, type Mount, planMount } from "./options.ts";
import { remountSteps } from "./remount.ts";

export interface MountSurroundings {
  /** The container has a user namespace of its own. */
  userns?: boolean;
  /** Its network namespace belongs to another user namespace than its own. */
  sharesNetwork?: boolean;
  /** Steps in place of a mount of type "cgroup"; without, such mounts are left out. */
  cgroupSteps?: (mount: Mount) => Step[];
  /** Whether the source of a bind is a file; unless said, the host is asked. */
  isFile?: (source: string) => boolean;
  /** Views of the binds are there already, on hooks: see `bindViewSteps`. */
  hasViews?: boolean;
  /** What is mounted in other ways than its type and source say. */
  otherView?: OtherViews;
  usernsOf?: UsernsOf;
  /** Somebody fills those that ask for it ("tmpcopyup") once all is mounted. */
  isFilled?: boolean;
}

/** All mounts in order, below the attached rootfs. Throws UserError for a destination, source or option that can't be. */
export function mountSteps(mounts: readonly Mount[], surroundings: MountSurroundings = {}): Step[] {
  const { cgroupSteps, otherView } = surroundings;
  const isView = (mount: Mount) => isBind(planMount(mount)) || otherView?.(mount) !== undefined;
  const made = mounts.filter((mount) => cgroupSteps !== undefined || !isCgroup(mount));
  return made.flatMap((mount, index) =>
    isCgroup(mount)
      ? cgroupSteps!(mount)
      : oneMountSteps(suited(mount, surroundings), {
          after: made[index - 1]?.destination,
          isFile: surroundings.isFile,
          usernsOf: surroundings.usernsOf,
          isFilled: surroundings.isFilled,
          hook: surroundings.hasViews && isView(mount) ? hookOf(mounts.indexOf(mount)) : undefined,
          otherView,
        }),
  );
}

function isCgroup({ type }: Mount): boolean {
  return type === "cgroup" || type === "cgroup2";
}

type OneMount = BindSurroundings & { isFilled: boolean | undefined };

function oneMountSteps(mount: Mount, surroundings: OneMount): Step[] {
  checkDestination(mount.destination);
  const planned = planMount(mount);
  const isView = isBind(planned) || surroundings.otherView?.(mount) !== undefined;
  if (planned.options.copiesUp && !surroundings.isFilled) refuseCopyUp();
  if (planned.options.remount) return remountSteps(planned);
  if (hasOwners(planned) && !isView) refuseOwners(mount);
  return isView ? bindSteps(planned, surroundings) : filesystemSteps(planned, surroundings.after);
}

function refuseCopyUp(): never {
  const hint = "mount the tmpfs where the image has nothing, or copy the files in from the container";
  throw new UserError(`mount option "tmpcopyup" is not supported here`, { hint });
}

/** A mount as it can be in these surroundings. */
function suited(mount: Mount, { userns = false, sharesNetwork = false }: MountSurroundings): Mount {
  // Who may show a network's /sys is who owns that network; any other gets a view of the host's, not to be written.
  if (mount.type === "sysfs" && sharesNetwork) {
    return { ...mount, type: "bind", source: "/sys", options: ["rbind", "rro", "rnosuid", "rnodev", "rnoexec"] };
  }
  // Group 5 (tty) is seldom mapped, and a group that isn't can't own a file.
  if (mount.type === "devpts" && userns) {
    return { ...mount, options: (mount.options ?? []).filter((option) => !option.startsWith("gid=")) };
  }
  return mount;
}
