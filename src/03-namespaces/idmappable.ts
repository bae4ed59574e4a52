// Whether files can be shown with other owners (MOUNT_ATTR_IDMAP of mount_setattr(2)): each kind of filesystem had to learn
// it, ext4 and XFS with Linux 5.12, tmpfs with 6.3, and those of the network still don't. The kernel is asked, on a view
// that hangs nowhere.

import { closeSync, statSync } from "node:fs";
import { closeStep, MOUNT_ATTR, mountSetattrStep, openTreeStep, perform, reg } from "../01-syscalls/index.ts";
import { openUninhabited } from "./uninhabited.ts";

const known = new Map<number, boolean>();

/** Whether the filesystem that `path` lies on can. Asked once for each; for the host's root only. */
export function isIdmappable(path: string): boolean {
  const { dev } = statSync(path);
  const answer = known.get(dev) ?? ask(path);
  known.set(dev, answer);
  return answer;
}

function ask(path: string): boolean {
  const oneId = [{ containerID: 0, hostID: 1, size: 1 }];
  const userns = openUninhabited({ uidMappings: oneId, gidMappings: oneId });
  try {
    const { answer = -1 } = perform([
      openTreeStep({ path, as: "view", why: "a view to ask about" }),
      mountSetattrStep({
        mount: reg("view"),
        set: MOUNT_ATTR.IDMAP,
        userns,
        as: "answer",
        allow: ["EINVAL", "EPERM", "ENOSYS", "EOPNOTSUPP"],
        why: "can it show other owners?",
      }),
      closeStep({ fd: reg("view"), why: "only asked" }),
    ]);
    return answer >= 0;
  } finally {
    closeSync(userns);
  }
}
