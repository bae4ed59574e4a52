// A stack of layers in a temporary folder, and a shell inside the overlay made of it.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { CLONE, MS, mountStep, PID, type Step, writeFileSteps } from "../../src/01-syscalls/index.ts";
import { type KernelSupport, type Overlay, type OverlayOptions, overlaySteps } from "../../src/05-overlay/index.ts";
import { type Ended, runPlan, shell } from "../support/launch.ts";

/** A folder that is removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "stack-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An overlay's directories, all empty, with `layers` lower ones. */
export function makeStack(layers: number): Overlay {
  const root = temporaryFolder();
  const make = (name: string) => {
    mkdirSync(join(root, name));
    return join(root, name);
  };
  const lower = Array.from({ length: layers }, (_, index) => make(`layer-${index + 1}`));
  return { lower, upper: make("upper"), work: make("work"), at: make("at") };
}

export interface InOverlay {
  support?: KernelSupport;
  options?: OverlayOptions;
  flags?: number;
  beside?: Step[];
}

/** Runs `script` with the overlay's root as working directory, in a mount namespace of its own. */
export function runInOverlay(stack: Overlay, script: string, { support, options, ...rest }: InOverlay = {}): Ended {
  const overlay = { ...stack, ...(options && { options }) };
  return runPlan({
    flags: CLONE.NEWNS,
    ...rest,
    inside: [
      mountStep({ target: "/", flags: MS.REC | MS.PRIVATE, why: "mounts stay in this namespace" }),
      ...overlaySteps(overlay, support),
      shell(`cd ${stack.at} && ${script}`),
    ],
  });
}

/** For a user namespace: root inside is who we are outside, and there is no other id. */
export function mapOneId(): Step[] {
  const ids = { setgroups: "deny", uid_map: `0 ${process.geteuid?.()} 1`, gid_map: `0 ${process.getegid?.()} 1` };
  return Object.entries(ids).flatMap(([name, data]) =>
    writeFileSteps({ path: { text: ["/proc/", PID, `/${name}`] }, data, as: name, why: "who is who inside" }),
  );
}
