// What a lesson's try.ts is given: the functions of the stages up to its own, in one object. A student's stand where ours
// did, and every step carries the name of the function it is of.

import type { Plan } from "../../01-syscalls/index.ts";
import { type StageName, type Stages, stage } from "../../10-containers/stages.ts";

type Of<Name extends StageName> = (typeof Stages)[Name];

interface Through {
  "01-syscalls": Of<"01-syscalls">;
  "02-rootfs": Through["01-syscalls"] & Of<"02-rootfs">;
  "03-namespaces": Through["02-rootfs"] & Of<"03-namespaces">;
  "04-cgroups": Through["03-namespaces"] & Of<"04-cgroups">;
  "05-overlay": Through["04-cgroups"] & Of<"05-overlay">;
  "06-images": Through["05-overlay"] & Of<"06-images">;
  "07-security": Through["06-images"] & Of<"07-security">;
  "08-network": Through["07-security"] & Of<"08-network">;
  "09-volumes": Through["08-network"] & Of<"09-volumes">;
}

/** The functions of all stages up to this one. */
export type Functions<Name extends keyof Through> = Through[Name];

/** A container to try: its plan, and what is to be taken away when it has ended, or could not begin. */
export interface TryPlan extends Plan {
  afterwards?(): void | Promise<void>;
}

/** The default export of `lessons/NN-name/try.ts`: your container so far. `rootfs` is a whole path. */
export type TryModule = (stages: never, rootfs: string, command: string[]) => TryPlan | Promise<TryPlan>;

/** Those functions, as they are now. */
export function functionsThrough(lesson: string, names: readonly StageName[]): Record<string, unknown> {
  const earlier = names.filter((name) => name.slice(0, 2) <= lesson.slice(0, 2));
  return Object.assign({}, ...earlier.map(stage));
}
