// What the host lends to a container with users of its own. Its root has power over mounts, so a view that it got in its
// own hands it could make writable again, or take away and see what lies under it. But mounts that are there when a mount
// namespace is copied for another user namespace are *locked* in the copy: their read-only, nosuid, nodev and noexec can't
// be lifted any more, and what covers something goes on covering it (mount_namespaces(7), "Restrictions on mount
// namespaces"). So they have to hang somewhere before the child is cloned, and never on the host:
//
//   host            launcher                          child
//   ────            ────────                          ─────
//   mounts ──copy─► unshare(CLONE_NEWNS)
//                   hang views on hooks in a tmpfs
//                   clone3(CLONE_NEWUSER|NEWNS) ────► a copy of both, locked
//   mounts ◄─setns─ becomes the monitor               hangs copies of the views below its root
//
// The child's own copies can be unmounted and moved: what is under those is the container's.

import {
  AT,
  CLONE,
  fscreateStep,
  fsmountStep,
  fsopenStep,
  MS,
  mkdirStep,
  mknodStep,
  mountSetattrStep,
  mountStep,
  moveMountStep,
  O,
  openInRootStep,
  openStep,
  openTreeStep,
  type Ref,
  reg,
  S,
  type Step,
  setnsStep,
  unshareStep,
} from "../01-syscalls/index.ts";

/** A descriptor of the folder that the views hang in: in the launcher, and another one in the child. */
export const HOOKS = reg("hooks");

/** In the launcher: a mount namespace that nobody else sees. */
export function leaveSteps(): Step[] {
  return [
    openStep({ path: "/proc/self/ns/mnt", flags: O.RDONLY, why: "the way back to the host's mounts", as: "home" }),
    unshareStep({ flags: CLONE.NEWNS, why: "a copy of them, in which something can hang that the host doesn't see" }),
  ];
}

/** In such a namespace, before the first view: hooks on its directory `at`. */
export function hookSteps(at: string): Step[] {
  const flags = O.PATH | O.DIRECTORY;
  return [
    mountStep({ target: "/", flags: MS.SLAVE | MS.REC, why: "what is mounted from here on stays off the host" }),
    fsopenStep({ type: "tmpfs", as: "fs", why: "somewhere to hang what is lent" }),
    fscreateStep({ fs: reg("fs"), why: "now it exists" }),
    fsmountStep({ fs: reg("fs"), as: HOOKS.reg, why: "a mount of it" }),
    openStep({ path: at, flags, as: "place", why: "an empty directory, which the container's root will cover" }),
    moveMountStep({ from: HOOKS, target: reg("place"), why: "a mount is copied with its namespace if it hangs there" }),
  ];
}

/** In the launcher: hangs the mount `view` on a hook of its own. */
export function hangOnHookSteps(name: string, view: Ref, kind: "directory" | "file" = "directory"): Step[] {
  const why = "a hook";
  return [
    kind === "file"
      ? mknodStep({ dir: HOOKS, path: name, mode: S.IFREG | 0o600, why })
      : mkdirStep({ dir: HOOKS, path: name, mode: 0o700, why }),
    openInRootStep({ root: HOOKS, path: name, flags: O.PATH, why: "which is empty", as: "hook" }),
    moveMountStep({ from: view, target: reg("hook"), why: "it will be copied with all that hangs here, and locked" }),
  ];
}

/** In the child, while it may still walk through our folders: its own copy of the hooks. */
export function findHooksSteps(at: string): Step[] {
  const why = "the hooks, with all that hangs there, which root of the container can't walk to";
  return [openStep({ path: at, flags: O.PATH | O.DIRECTORY, why, as: HOOKS.reg })];
}

/** In the launcher: a directory that is to be the container's root, with what is mounted below it. */
export function rootViewSteps(path: string): Step[] {
  const view = reg("view");
  return [
    openTreeStep({
      path,
      flags: AT.RECURSIVE,
      why: "the container's root, which its own root can't walk to",
      as: view.reg,
    }),
    mountSetattrStep({
      mount: view,
      propagation: MS.SLAVE,
      recursive: true,
      why: "what is mounted in there stays in there",
    }),
    ...hangOnHookSteps(ROOT_HOOK, view),
  ];
}

const ROOT_HOOK = "root";

/** In the child: that root, hung over the hooks, where nobody's folders are in the way. Register `rootfs`. */
export function lentRootSteps(): Step[] {
  return [
    openTreeStep({
      dir: HOOKS,
      path: ROOT_HOOK,
      flags: AT.RECURSIVE,
      why: "another view of what was lent",
      as: "rootfs",
    }),
    moveMountStep({ from: reg("rootfs"), target: HOOKS, why: "pivot_root and mounts below need it to hang somewhere" }),
  ];
}

/** In the launcher, once the child is split off: it will watch the container from the host. */
export function homeSteps(): Step[] {
  return [setnsStep({ fd: reg("home"), flags: CLONE.NEWNS, why: "back where the host's mounts are" })];
}
