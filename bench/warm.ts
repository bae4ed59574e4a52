// A container in memory, ready to be started again and again: from here to the end of `true` is what a start costs apart
// from Node's own start. And the same container as a bundle on disk, for other runtimes.

import { launch, type Plan, PR, perform, performOne, step } from "../src/01-syscalls/index.ts";
import { removeGroup } from "../src/04-cgroups/index.ts";
import { ensureImage } from "../src/06-images/index.ts";
import type { Cable } from "../src/08-network/index.ts";
import { copyBundle } from "../src/10-containers/bundle-out.ts";
import { type Container, findContainer, readSpec } from "../src/10-containers/container.ts";
import { createContainer } from "../src/10-containers/create.ts";
import type { Roots } from "../src/10-containers/folders.ts";
import { containerPlan } from "../src/10-containers/plan.ts";
import { preparePlan } from "../src/10-containers/prepare.ts";
import { removeContainer } from "../src/10-containers/remove.ts";
import { runOptions } from "../src/10-containers/spec/options.ts";

const MEBIBYTE = 1024 * 1024;
const NAME = "bench";

export interface Warm {
  /** What a start carries out. */
  plan: Plan;
  /** The directories of its groups, which are there only while it runs. */
  groups: string[];
  /** Starts it, waits for its end, and takes its groups away again; the nanoseconds up to its end. */
  start(): Promise<number>;
}

/** `true` in all namespaces, on an overlay, with a seccomp filter and limits on memory, processor time and processes. */
export async function makeTrue(roots: Roots, bundle: string): Promise<void> {
  const image = await ensureImage(roots.root, "base");
  const limits = { memoryBytes: 256 * MEBIBYTE, nanoCpus: 1e9, pidsLimit: 100 };
  const { record } = await createContainer(
    roots,
    image,
    runOptions("base", { name: NAME, command: ["true"], ...limits }),
  );
  await copyBundle(roots, record.id, bundle);
}

export function removeTrue(roots: Roots): Promise<void> {
  return removeContainer(roots, findContainer(roots, NAME).record.id);
}

/** What `makeTrue` has made, read in; with cables into networks that are there. */
export async function warmUp(roots: Roots, cables: Cable[] = []): Promise<Warm> {
  performOne(step("prctl", [PR.SET_CHILD_SUBREAPER, 1], { why: "the launcher's child is ours once it has gone" }));
  const container: Container = findContainer(roots, NAME);
  const input = { ...(await preparePlan(container, readSpec(container))), cables };
  const { group } = input.cgroup;
  return {
    plan: containerPlan(input),
    groups: group.directories.map(({ directory }) => directory),
    async start() {
      const began = process.hrtime.bigint();
      const { pid, launcherPid } = launch(containerPlan(input));
      waitFor(launcherPid);
      waitFor(pid);
      const took = Number(process.hrtime.bigint() - began);
      await removeGroup(group);
      return took;
    },
  };
}

/** Throws where it didn't end well. */
function waitFor(pid: number): void {
  const wait = step("wait4", [pid, { out: ["status"] }, 0, null], { why: "until it has ended", retry: ["EINTR"] });
  const { status } = perform([wait]);
  if (status !== 0) throw new Error(`a process ended with status ${status}`);
}
