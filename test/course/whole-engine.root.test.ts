// By the last lesson the engine you run is the one you wrote: every answer of lessons 01 to 09 at once, in the real engine,
// on an image of two layers. That nothing is left on the host, the inventory around this file says.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { readImage, readIndex } from "../../src/06-images/index.ts";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";
import { checked, LESSONS } from "./lesson-files.ts";

const md = cliForTests();
const lessons = checked;
const fileOf = (lesson: string) => join(LESSONS, lesson, "solution.ts");
const OURS = ["run", "--rm", "--on-host", ...lessons.flatMap((name) => ["--with", `${name}=${fileOf(name)}`])];

/** Layers are unpacked again, and looked at by whoever unpacks them. */
const forgetUnpacked = () => rmSync(join(md.root, "layers"), { recursive: true, force: true });

beforeAll(() => {
  md.ok("run", "--name", "made", "base", "sh", "-c", "echo second > /etc/layer; rm /etc/hostname; rm -f /bin/vi");
  md.ok("commit", "made", "app");
  md.ok("rm", "made");
});

/** The files that steps of the run came from, by `--explain`. */
function filesIn(explained: string): string[] {
  return lessons.filter((lesson) => explained.includes(fileOf(lesson)));
}

test("an image runs on the answers of the lessons, with limits", () => {
  forgetUnpacked();
  const script =
    "ping -c 1 172.17.0.1 > /dev/null && echo reached; cat /etc/layer; ls /bin/vi; echo mine > /etc/layer; cat /etc/layer; id -u";
  const flags = ["--explain", "-m", "64m", "--pids-limit", "20", "--network", "bridge", "-v", "kept:/data"];
  const { code, stdout, stderr } = md.call(...OURS, ...flags, "app", "sh", "-c", script);
  expect([code, stdout]).toEqual([0, "reached\nsecond\nmine\n0\n"]);
  expect(filesIn(stderr)).toEqual([
    "01-syscalls",
    "02-rootfs",
    "05-overlay",
    "07-security",
    "08-network",
    "09-volumes",
  ]);
  // Lesson 04 says what is written, and our own steps write it.
  expect(stderr).toContain("# nor more processes than this");
  expect(md.ok("run", "--rm", "app", "cat", "/etc/layer")).toBe("second");
});

test("also with users of its own", needs("userns"), () => {
  forgetUnpacked();
  const { code, stdout, stderr } = md.call(
    ...OURS,
    "--explain",
    "--network",
    "bridge",
    "--userns",
    "auto",
    "app",
    "cat",
    "/etc/layer",
  );
  expect([code, stdout]).toEqual([0, "second\n"]);
  expect(filesIn(stderr)).toEqual(["01-syscalls", "02-rootfs", "03-namespaces", "07-security", "08-network"]);
});

test("a changed layer is refused by the answer of lesson 06, and not by ours", () => {
  forgetUnpacked();
  const { layers } = readImage(md.root, readIndex(md.root)[0]!);
  const blob = join(md.root, "images/blobs", layers[0]!.digest.replace(":", "/"));
  const bytes = readFileSync(blob);
  const tampered = Buffer.from(bytes);
  tampered[tampered.indexOf("BusyBox v")]! ^= 0x20;
  writeFileSync(blob, tampered);
  const { code, stderr } = md.call(...OURS, "app", "true");
  writeFileSync(blob, bytes);
  expect([code, stderr]).toEqual([125, expect.stringMatching(/this layer is sha256:.*, and not sha256:/)]);
  expect(md.ok(...OURS, "app", "echo", "runs")).toBe("runs");
});
