import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLONE, mountStep, type Step } from "../../src/01-syscalls/index.ts";
import {
  breakOutSteps,
  chrootSteps,
  mountSteps,
  privateRootSteps,
  readonlyRootSteps,
  rootPropagationSteps,
  sharedSourceSteps,
} from "../../src/02-rootfs/index.ts";
import { runPlan, shell } from "../support/launch.ts";
import { needs } from "../support/needs.ts";
import { type Image, makeImage, rootSteps, runIn } from "./image.ts";

const PROC = { destination: "/proc", type: "proc", source: "proc" };

let image: Image;

beforeAll(() => {
  image = makeImage();
  writeFileSync(join(image.host, "secret"), "of the host\n");
});
afterAll(() => image.remove());

describe("breaking out", needs("program:busybox"), () => {
  const readSecret = () => shell(`cat ${join(image.host, "secret")}; test -e /usr/bin/env && echo host`);

  test("four calls lead out of a chroot", () => {
    const { stdout } = runPlan({ inside: [...chrootSteps(image.root), ...breakOutSteps(), readSecret()] });
    expect(stdout).toBe("of the host\nhost\n");
  });

  test("the same four calls lead nowhere after pivot_root", () => {
    const inside = [...rootSteps(image), ...breakOutSteps(), readSecret()];
    const { stdout, stderr } = runPlan({ flags: CLONE.NEWNS, inside });
    expect(stdout).toBe("");
    expect(stderr).toContain("No such file or directory");
  });

  test("pivotSteps: leaves no path back to the host's root", () => {
    const script = "ls /; cd /../..; ls; wc -l < /proc/self/mountinfo";
    const { stdout } = runIn(image, mountSteps([PROC]), script);
    const names = "bin\ndev\netc\nhole\nproc\nsys\n";
    expect(stdout).toBe(`${names}${names}2\n`);
  });
});

describe("what is mounted inside", needs("program:busybox"), () => {
  const onHost = () => readFileSync("/proc/self/mountinfo", "utf8");
  const shared = () => join(image.host, "shared");

  beforeAll(() => {
    mkdirSync(shared());
    for (const args of [["-t", "tmpfs", "tmpfs"], ["--make-rshared"]]) spawnSync("mount", [...args, shared()]);
    for (const name of ["image", "place", "below"]) mkdirSync(join(shared(), name));
  });
  afterAll(() => void spawnSync("umount", ["-R", shared()]));

  const mountBelow = (steps: Step[]) => {
    const below = join(shared(), "below");
    const mount = mountStep({ source: "leak", target: below, type: "tmpfs", why: "what a container might mount" });
    runPlan({ flags: CLONE.NEWNS, inside: [...steps, mount, shell("true")] });
    const leaked = onHost().includes(below);
    if (leaked) spawnSync("umount", [below]);
    return leaked;
  };

  test("travels to the host where / was left shared", () => {
    expect(mountBelow([])).toBe(true);
  });

  test("stays inside after privateRootSteps, whatever the propagation", () => {
    expect(mountBelow(privateRootSteps())).toBe(false);
    expect(mountBelow(privateRootSteps("rprivate"))).toBe(false);
    expect(mountBelow(privateRootSteps("rshared"))).toBe(false);
  });

  test("the root and its mounts never appear on the host, be their place shared or not", () => {
    const before = onHost();
    const place = join(shared(), "place");
    const { stdout } = runIn({ ...image, place }, mountSteps([PROC]), "wc -l < /proc/self/mountinfo");
    expect(stdout).toBe("2\n");
    expect(onHost()).toBe(before);
  });

  test("travels through a bind that asked for it, and through no other", () => {
    const source = shared();
    const travels = (option: string) => {
      const mounts = [PROC, { destination: "/volume", source, options: ["rbind", option] }];
      const script = "mount -t tmpfs leak /volume/below; grep -c ' /volume/below ' /proc/self/mountinfo";
      const inside = sharedSourceSteps(mounts);
      expect(runIn(image, mountSteps(mounts), script, { inside }).stdout).toBe("1\n");
      const leaked = onHost().includes(`${source}/below`);
      if (leaked) spawnSync("umount", [`${source}/below`]);
      return leaked;
    };
    expect(travels("rshared")).toBe(true);
    expect(travels("rslave")).toBe(false);
    expect(travels("rprivate")).toBe(false);
  });

  test("all are listed behind the root, in the order they were asked for", () => {
    const mounts = [
      PROC,
      { destination: "/tmp", type: "tmpfs" },
      { destination: "/volume", source: shared(), options: ["rbind", "rshared"] },
      { destination: "/other", source: shared(), options: ["rbind", "rprivate"] },
    ];
    const script = "awk '$5 !~ /below|place|image/ { print $5 }' /proc/self/mountinfo";
    const { stdout } = runIn(image, mountSteps(mounts), script, { inside: sharedSourceSteps(mounts) });
    expect(stdout.trim().split("\n")).toEqual(["/", ...mounts.map(({ destination }) => destination)]);
  });

  test("the root's own propagation is for copies of it", () => {
    const inside = [
      ...rootSteps(image, mountSteps([PROC])),
      ...rootPropagationSteps("rshared"),
      shell("grep ' / / ' /proc/self/mountinfo || grep ' / ' /proc/self/mountinfo"),
    ];
    expect(runPlan({ flags: CLONE.NEWNS | CLONE.NEWPID, inside }).stdout).toContain("shared:");
  });
});

test("readonlyRootSteps: the image can't be written, what is mounted in it can", needs("program:busybox"), () => {
  const below = [...mountSteps([{ destination: "/tmp", type: "tmpfs" }]), ...readonlyRootSteps()];
  const { stdout, stderr } = runIn(image, below, "touch /etc/x || echo no; touch /tmp/x && echo yes");
  expect(stdout).toBe("no\nyes\n");
  expect(stderr).toContain("Read-only file system");
  expect(readdirSync(join(image.root, "etc"))).toEqual([]);
});
