import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { O } from "../../src/01-syscalls/index.ts";
import { openInRoot, openRoot } from "../../src/02-rootfs/index.ts";
import { type Image, makeImage } from "./image.ts";

let image: Image;

beforeEach(() => {
  image = makeImage();
  writeFileSync(join(image.host, "secret"), "of the host\n");
  writeFileSync(join(image.root, "secret"), "of the image\n");
});
afterEach(() => image.remove());

function readInRoot(root: number | string, path: string, flags: number = O.RDONLY): string {
  const fd = openInRoot(root, path, flags);
  try {
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}

test.each([
  ["..", "../secret"],
  ["an absolute link", "/absolute"],
  ["a link that climbs", "/etc/climbing"],
  ["a directory that is a link", "/folder/secret"],
])("openInRoot: %s leads to the image's file, never the host's", (_, path) => {
  symlinkSync("/secret", join(image.root, "absolute"));
  symlinkSync("../../secret", join(image.root, "etc/climbing"));
  symlinkSync("../", join(image.root, "folder"));
  expect(readInRoot(image.root, path)).toBe("of the image\n");
});

test("openInRoot: what only the host has isn't found; a link is not followed unless asked", () => {
  symlinkSync(join(image.host, "secret"), join(image.root, "link"));
  expect(() => openInRoot(image.root, "/link", O.RDONLY)).toThrow("= ENOENT");
  expect(() => openInRoot(image.root, "/link", O.RDONLY | O.NOFOLLOW)).toThrow("= ELOOP");
  const root = openRoot(image.root);
  expect(readInRoot(root, "/secret")).toBe("of the image\n");
  closeSync(root);
});

test("openInRoot: in /proc/PID/root the container's own mounts are seen, and its links don't jump", async () => {
  mkdirSync(join(image.root, "mnt"));
  const container = await startContainer();
  const root = `/proc/${container.pid}/root`;
  try {
    expect(readInRoot(root, "/mnt/inside")).toBe("mounted\n");
    expect(() => openInRoot(root, "/proc/self/root/secret", O.RDONLY)).toThrow("= ELOOP");
  } finally {
    container.stdin!.end();
    await once(container, "exit");
  }
});

/** Lives in a root and mount namespace of its own until its input ends. */
async function startContainer(): Promise<ChildProcess> {
  const script = `mount -t proc proc ${image.root}/proc; mount -t tmpfs tmpfs ${image.root}/mnt
    echo mounted > ${image.root}/mnt/inside; exec chroot ${image.root} sh -c "echo up; exec cat"`;
  const container = spawn("unshare", ["--mount", "sh", "-c", script], { stdio: ["pipe", "pipe", "inherit"] });
  await once(container.stdout, "data");
  return container;
}
