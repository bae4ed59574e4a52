// Changing what is mounted already. mount(2) has one flag for two things, MS_REMOUNT: with MS_BIND the attributes of this one
// mount, without it the settings of its filesystem, which all its mounts share. The newer calls have a name for each.

import {
  closeStep,
  FSCONFIG,
  fsconfigStep,
  mountSetattrStep,
  O,
  openInRootStep,
  reg,
  type Step,
  step,
} from "../01-syscalls/index.ts";
import { keyAndValue } from "./filesystem.ts";
import type { PlannedMount } from "./options.ts";
import { ROOTFS } from "./pivot.ts";

export function remountSteps({ mount: { destination }, options }: PlannedMount): Step[] {
  const place = reg("target");
  const { own, recursive, filesystem, bind } = options;
  const isChanged = ({ set, clear }: typeof own) => set !== 0 || clear !== 0;
  return [
    openInRootStep({ root: ROOTFS, path: destination, flags: O.PATH, why: "what is mounted here", as: place.reg }),
    ...(bind === "no" && filesystem.length > 0 ? reconfigureSteps(filesystem) : []),
    ...(isChanged(own) ? [mountSetattrStep({ mount: place, ...own, why: "behaves otherwise from here on" })] : []),
    ...(isChanged(recursive)
      ? [mountSetattrStep({ mount: place, ...recursive, recursive: true, why: "with all that is below it" })]
      : []),
  ];
}

function reconfigureSteps(settings: string[]): Step[] {
  const FSPICK_CLOEXEC_EMPTY_PATH = 0x1 | 0x8;
  const fs = reg("fs");
  return [
    step("fspick", [reg("target"), "", FSPICK_CLOEXEC_EMPTY_PATH], { why: "its filesystem", as: fs.reg }),
    ...settings.map((setting) => fsconfigStep({ fs, ...keyAndValue(setting), why: "has another setting" })),
    step("fsconfig", [fs, FSCONFIG.CMD_RECONFIGURE, null, null, 0], { why: "from now on" }),
    closeStep({ fd: fs, why: "it is changed" }),
  ];
}
