import { spawnSync } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";
import {
  becomeRootSteps,
  differentKinds,
  joinBeforeSteps,
  joinInsideSteps,
  joinProcessSteps,
  kindOf,
  type Namespace,
  type NamespaceType,
  namespacesOf,
  sharedKinds,
} from "../../src/03-namespaces/index.ts";
import { runPlan, shell } from "../support/launch.ts";
import { needs } from "../support/needs.ts";
import { startTarget, type Target } from "./target.ts";

const MOST = ["--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup"];

let target: Target;
afterEach(() => target.end());

/** What `readlink /proc/self/ns/*` says in the joined process, as the kernel's inode by kind. */
const look = shell("hostname; for kind in /proc/self/ns/*; do echo $kind $(readlink $kind); done");

function inodesIn(stdout: string): { type: NamespaceType; inode: number }[] {
  return namespacesOf(target.pid).map(({ type }) => {
    const found = new RegExp(`/ns/${kindOf(type).file} \\w+:\\[(\\d+)\\]`).exec(stdout);
    return { type, inode: Number(found?.[1]) };
  });
}

describe("joinProcessSteps", () => {
  test("is where the process is, in every kind", async () => {
    target = await startTarget(MOST, "hostname joined; mount -t proc proc /proc");
    expect(differentKinds("self", target.pid).sort()).toEqual(["cgroup", "ipc", "mount", "network", "pid", "uts"]);
    const { before, inside } = joinProcessSteps(target.pid, differentKinds("self", target.pid));
    const { stdout } = runPlan({ before, inside: [...inside, look] });
    expect(stdout).toMatch(/^joined\n/);
    expect(inodesIn(stdout)).toEqual(namespacesOf(target.pid));
  });

  test("and in user and time namespaces", needs("userns", "timens"), async () => {
    const script = "hostname joined; mount -t proc proc /proc";
    target = await startTarget([...MOST, "--user", "--map-root-user", "--time", "--boottime=86400"], script);
    expect(sharedKinds("self", target.pid)).toEqual([]);
    const { before, inside } = joinProcessSteps(target.pid, differentKinds("self", target.pid));
    const { stdout } = runPlan({ before, inside: [...inside, ...becomeRootSteps(), look] });
    expect(inodesIn(stdout)).toEqual(namespacesOf(target.pid));
  });
});

describe("joining by path", () => {
  const namespaces = (types: NamespaceType[]): Namespace[] =>
    types.map((type) => ({ type, path: `/proc/${target.pid}/ns/${kindOf(type).file}` }));

  test("is the same as joining the process", async () => {
    target = await startTarget(MOST, "mount -t proc proc /proc");
    const all = namespaces(["mount", "pid", "network", "ipc", "uts", "cgroup"]);
    const inside = [...joinInsideSteps(all, true), look];
    const { stdout } = runPlan({ before: joinBeforeSteps(all, true), inside });
    expect(inodesIn(stdout)).toEqual(namespacesOf(target.pid));
  });

  test("also one kind alone, and the rest is ours", async () => {
    target = await startTarget(["--uts"], "hostname joined");
    const one = namespaces(["uts"]);
    const { stdout } = runPlan({ before: joinBeforeSteps(one, true), inside: [...joinInsideSteps(one, true), look] });
    expect(stdout).toMatch(/^joined\n/);
    expect(inodesIn(stdout)).toEqual(namespacesOf(target.pid));
    expect(spawnSync("hostname").stdout.toString()).not.toBe("joined\n");
  });

  test("user and time too", needs("userns", "timens"), async () => {
    target = await startTarget(["--user", "--map-root-user", "--time", "--boottime=86400"]);
    const all = namespaces(["time", "user"]);
    const inside = [...joinInsideSteps(all, true), ...becomeRootSteps(), look];
    const { stdout } = runPlan({ before: joinBeforeSteps(all, true), inside });
    expect(inodesIn(stdout)).toEqual(namespacesOf(target.pid));
  });
});
