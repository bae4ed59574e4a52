import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deviceSteps, type Mount, mountSteps } from "../../src/02-rootfs/index.ts";
import { needs } from "../support/needs.ts";
import { type Image, makeImage, runIn } from "./image.ts";

const DEV: Mount = { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755"] };
const PROC: Mount = { destination: "/proc", type: "proc", source: "proc" };

let image: Image;

beforeEach(() => {
  image = makeImage();
});
afterEach(() => image.remove());

describe("deviceSteps", needs("program:busybox"), () => {
  const below = (...more: Parameters<typeof deviceSteps>) => [...mountSteps([PROC, DEV]), ...deviceSteps(...more)];

  test("each node is its driver's, open to everybody", () => {
    const script = "for name in null zero full random urandom tty; do stat -c '%n %F %t:%T %a %u' /dev/$name; done";
    expect(runIn(image, below(), script).stdout).toMatchInlineSnapshot(`
      "/dev/null character special file 1:3 666 0
      /dev/zero character special file 1:5 666 0
      /dev/full character special file 1:7 666 0
      /dev/random character special file 1:8 666 0
      /dev/urandom character special file 1:9 666 0
      /dev/tty character special file 5:0 666 0
      "
    `);
  });

  test("they behave as their drivers do", () => {
    const script = `
      echo gone > /dev/null; wc -c < /dev/null
      head -c 3 /dev/zero | wc -c
      head -c 4 /dev/urandom | wc -c
      echo x > /dev/full || echo full
      echo in | cat /dev/stdin; echo in | cat /dev/fd/0; readlink /dev/ptmx`;
    expect(runIn(image, below(), script).stdout).toBe("0\n3\n4\nfull\nin\nin\npts/ptmx\n");
  });

  test("an extra one has the mode and owner asked for, whatever our own umask", () => {
    const before = process.umask(0o077);
    const device = { type: "c", path: "/dev/net/tun", major: 10, minor: 200, fileMode: 0o660, uid: 3, gid: 4 };
    const { stdout } = runIn(image, below([device]), "stat -c '%t:%T %a %u:%g' /dev/net/tun; umask");
    process.umask(before);
    expect(stdout).toBe("a:c8 660 3:4\n0022\n");
  });

  test("a node replaces what the image passes off as a device", () => {
    writeFileSync(join(image.root, "dev/zero"), "");
    symlinkSync("/etc/victim", join(image.root, "dev/null"));
    const { stdout } = runIn(image, deviceSteps([], { overImage: true }), "stat -c %F /dev/null /dev/zero; ls /etc");
    expect(stdout).toBe("character special file\ncharacter special file\n");
  });

  test("in a folder that leads outside, nodes are made inside", () => {
    symlinkSync("/../../../dev", join(image.root, "dev/out"));
    const device = { type: "c", path: "/dev/out/mini-docker-test", major: 1, minor: 3 };
    const { stdout } = runIn(image, deviceSteps([device]), "ls /dev/mini-docker-test");
    expect(stdout).toBe("/dev/mini-docker-test\n");
  });
});
