// Starts a hundred containers that sleep, and says how long that took: node hundred.mjs ROOTFS

import { CLONE, cloneStep, execveStep, launch, reap } from "mini-docker/01-syscalls";
import { attachRootfsSteps, pivotSteps, privateRootSteps, rootfsFromDirectorySteps } from "mini-docker/02-rootfs";

const [rootfs] = process.argv.slice(2);
const OWN = CLONE.NEWNS | CLONE.NEWPID | CLONE.NEWUTS | CLONE.NEWIPC | CLONE.NEWNET;
const plan = {
  before: [cloneStep({ flags: OWN | CLONE.PARENT, why: "a new process, in new namespaces" })],
  beside: [],
  inside: [
    ...privateRootSteps(),
    ...rootfsFromDirectorySteps(rootfs),
    ...attachRootfsSteps(rootfs),
    ...pivotSteps(),
    execveStep({ path: "/bin/sleep", argv: ["sleep", "600"], env: [], why: "something that stays" }),
  ],
};

const began = performance.now();
const pids = Array.from({ length: 100 }, () => launch(plan).pid);
const seconds = (performance.now() - began) / 1000;
console.log(`100 containers in ${seconds.toFixed(2)} s`);

for (const pid of pids) process.kill(pid, "SIGKILL");
for (const pid of pids) reap(pid, true);
