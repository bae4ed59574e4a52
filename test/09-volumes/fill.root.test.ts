import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { getXattr, setXattr } from "../../src/05-overlay/index.ts";
import { ensureVolume, fillVolume, isToBeFilled, volumeFolder } from "../../src/09-volumes/index.ts";

const MOMENT = new Date("2001-02-03T04:05:06Z");

/** An empty volume, and a directory that an image may have there. */
function scene() {
  const root = mkdtempSync(join(tmpdir(), "fill-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  ensureVolume(root, { name: "data", labels: {}, options: {} });
  const image = join(root, "image");
  mkdirSync(join(image, "sub"), { recursive: true });
  writeFileSync(join(image, "file"), "seed");
  linkSync(join(image, "file"), join(image, "twin"));
  symlinkSync("/etc/passwd", join(image, "link"));
  execFileSync("mkfifo", [join(image, "fifo")]);
  chownSync(join(image, "file"), 12, 34);
  chmodSync(join(image, "file"), 0o4750);
  setXattr(join(image, "file"), "user.note", "kept");
  utimesSync(join(image, "file"), MOMENT, MOMENT);
  chmodSync(join(image, "sub"), 0o1777);
  chownSync(image, 7, 8);
  chmodSync(image, 0o2550);
  utimesSync(image, MOMENT, MOMENT);
  return { root, image, ...volumeFolder(root, "data") };
}

const NAMES = ["fifo", "file", "link", "sub", "twin"];

function expectWhole({ root, data, folder }: ReturnType<typeof scene>): void {
  expect(readdirSync(data).sort()).toEqual(NAMES);
  expect(readFileSync(join(data, "file"), "utf8")).toBe("seed");
  const [top, file] = [statSync(data), statSync(join(data, "file"))];
  expect([top.uid, top.gid, top.mode & 0o7777]).toEqual([7, 8, 0o2550]);
  expect([file.uid, file.gid, file.mode & 0o7777, file.nlink]).toEqual([12, 34, 0o4750, 2]);
  expect(file.mtime).toEqual(MOMENT);
  expect(String(getXattr(join(data, "file"), "user.note"))).toBe("kept");
  expect(statSync(join(data, "sub")).mode & 0o7777).toBe(0o1777);
  expect(readdirSync(folder).sort()).toEqual(["_data", "locks", "volume.json"]);
  expect(isToBeFilled(root, "data")).toBe(false);
}

test("an empty volume becomes what the image has there: owners, modes, times, attributes, links", () => {
  const made = scene();
  fillVolume(made.root, "data", made.image);
  expectWhole(made);
  expect(statSync(made.data).mtime).toEqual(MOMENT);
});

test("one that has something in it stays as it is", () => {
  const made = scene();
  writeFileSync(join(made.data, "own"), "");
  expect(isToBeFilled(made.root, "data")).toBe(false);
  fillVolume(made.root, "data", made.image);
  expect(readdirSync(made.data)).toEqual(["own"]);
});

test("who was killed while copying has left nothing that counts", () => {
  const made = scene();
  mkdirSync(join(made.filling, "half"), { recursive: true });
  fillVolume(made.root, "data", made.image);
  expectWhole(made);
});

test("what was copied whole is moved in by the next, from wherever the last one was killed", () => {
  for (let moved = 0; moved <= NAMES.length; moved++) {
    const made = scene();
    execFileSync("cp", ["-a", made.image, made.filled]);
    for (const name of NAMES.slice(0, moved)) renameSync(join(made.filled, name), join(made.data, name));
    expect(isToBeFilled(made.root, "data")).toBe(true);
    fillVolume(made.root, "data", join(made.root, "an image that is no more"));
    expectWhole(made);
  }
});

test("what another container has put there meanwhile stays, and a link of its leads nowhere", () => {
  const made = scene();
  const outside = join(made.root, "outside");
  mkdirSync(outside);
  execFileSync("cp", ["-a", made.image, made.filled]);
  symlinkSync(outside, join(made.data, "sub"));
  symlinkSync(join(outside, "new"), join(made.data, "file"));
  fillVolume(made.root, "data", made.image);
  expect(readdirSync(outside)).toEqual([]);
  expect(existsSync(made.filled)).toBe(false);
  expect(readdirSync(made.data).sort()).toEqual(NAMES);
});
