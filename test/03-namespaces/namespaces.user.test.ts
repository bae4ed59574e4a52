import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, expect, test } from "vitest";
import {
  attachRootfsSteps,
  deviceSteps,
  mountSteps,
  pivotSteps,
  privateRootSteps,
  rootfsFromDirectorySteps,
} from "../../src/02-rootfs/index.ts";
import {
  becomeRootSteps,
  cloneFlags,
  differentKinds,
  hostnameSteps,
  joinProcessSteps,
  loopbackSteps,
  namespacesOf,
  oneIdMap,
  timeInsideSteps,
  userMapSteps,
} from "../../src/03-namespaces/index.ts";
import { runPlan, shell } from "../support/launch.ts";
import { needs } from "../support/needs.ts";
import { startTarget, type Target } from "./target.ts";

const you = { uid: process.getuid!(), gid: process.getgid!() };
const beside = userMapSteps(oneIdMap(you), false);
const types = ["user", "mount", "pid", "network", "ipc", "uts"] as const;
const flags = cloneFlags(types.map((type) => ({ type })));

let target: Target | undefined;
afterEach(async () => {
  await target?.end();
  target = undefined;
});

test("an ordinary user is root of six new namespaces, and of nothing else", () => {
  const inside = [...becomeRootSteps(), ...hostnameSteps("mine"), ...loopbackSteps()];
  const script = shell("id -u; id -g; uname -n; cat /proc/self/setgroups; echo x > /etc/shadow || echo refused");
  const { stdout } = runPlan({ flags, beside, inside: [...inside, script] });
  expect(stdout).toBe("0\n0\nmine\ndeny\nrefused\n");
});

test("an ordinary user can have a root with all that belongs in it", () => {
  const mounts = [
    { destination: "/proc", type: "proc", source: "proc" },
    { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755"] },
    { destination: "/dev/pts", type: "devpts", source: "devpts", options: ["newinstance", "gid=5"] },
    { destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"] },
    { destination: "/usr", source: "/usr", options: ["rbind", "ro"] },
    { destination: "/bin", source: "/bin", options: ["rbind", "ro"] },
    { destination: "/lib", source: "/lib", options: ["rbind", "ro"] },
    { destination: "/lib64", source: "/lib64", options: ["rbind", "ro"] },
  ];
  const inside = [
    ...becomeRootSteps(),
    ...privateRootSteps(),
    ...rootfsFromDirectorySteps(tmpdir()),
    ...attachRootfsSteps(tmpdir()),
    ...mountSteps(mounts, { userns: true }),
    ...deviceSteps([], { userns: true }),
    ...pivotSteps(),
    shell("echo $$; echo x > /dev/null; ls /proc | grep -c '^[0-9]'; ls /etc"),
  ];
  const { stdout } = runPlan({ flags, beside, inside });
  expect(stdout.split("\n")[0]).toBe("1");
});

test("an ordinary user's clocks can be shifted from within", needs("timens"), () => {
  const inside = [...timeInsideSteps({ boottime: { secs: 86_400 } }), ...becomeRootSteps(), shell("cat /proc/uptime")];
  const { stdout } = runPlan({ flags, beside, inside });
  expect(Number.parseFloat(stdout)).toBeGreaterThan(86_400);
});

test("an ordinary user enters what belongs to the same user, and can't be looked into meanwhile", async () => {
  target = await startTarget(["--user", "--map-root-user", "--mount", "--pid", "--uts"], "mount -t proc proc /proc");
  const { before, inside } = joinProcessSteps(target.pid, differentKinds("self", target.pid));
  let peek = "";
  const beforeGo = (pid: number) => {
    peek = attempt(() => readFileSync(`/proc/${pid}/environ`));
  };
  const look = shell("for kind in /proc/self/ns/*; do readlink $kind; done");
  const { stdout } = runPlan({ before, inside: [...inside, look], beforeGo });
  for (const { inode } of namespacesOf(target.pid)) expect(stdout).toContain(`[${inode}]`);
  expect(peek).toBe("EACCES");
});

function attempt(action: () => unknown): string {
  try {
    action();
    return "done";
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
