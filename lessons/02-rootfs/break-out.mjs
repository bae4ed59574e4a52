// Four calls that lead out of a chroot: made in one, or where the root was exchanged.
//   node break-out.mjs chroot|pivot ROOTFS FILE

import { CLONE, cloneStep, execveStep, launch, reap } from "mini-docker/01-syscalls";
import * as rootfs from "mini-docker/02-rootfs";

const [how, folder, file] = process.argv.slice(2);

const goIn = {
  chroot: () => rootfs.chrootSteps(folder),
  pivot: () => [
    ...rootfs.privateRootSteps(),
    ...rootfs.rootfsFromDirectorySteps(folder),
    ...rootfs.attachRootfsSteps(folder),
    ...rootfs.pivotSteps(),
  ],
};

const { pid } = launch(
  {
    before: [cloneStep({ flags: CLONE.NEWNS | CLONE.PARENT, why: "a new process, with mounts of its own" })],
    beside: [],
    inside: [
      ...goIn[how](),
      ...rootfs.breakOutSteps(),
      execveStep({ path: "/bin/cat", argv: ["cat", file], env: [], why: "what is to be seen from here" }),
    ],
  },
  { keepStdio: true },
);
reap(pid, true);
