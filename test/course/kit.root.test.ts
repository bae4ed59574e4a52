// A kit is installed where there is no network and nothing was installed before, and the course runs from it.

import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const cli = cliForTests();
const folder = mkdtempSync(join(tmpdir(), "kit-"));
const [kit, empty] = [join(folder, "kit"), join(folder, "empty")];
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** In a network namespace with nothing in it, with nothing that npm may remember. */
function offline(command: string, ...argv: string[]) {
  const env = { ...process.env, HOME: empty, npm_config_cache: join(empty, "cache") };
  const { status, stdout, stderr } = spawnSync("unshare", ["--net", command, ...argv], {
    cwd: empty,
    env,
    encoding: "utf8",
  });
  return { status, said: stdout + stderr };
}

test("is one folder, installs without a network, and runs", { ...needs("program:npm"), timeout: 300_000 }, () => {
  cli.ok("learn", "kit", kit);
  expect(readdirSync(kit)).toEqual(expect.arrayContaining(["README.txt", "SHA256SUMS", "base.tar", "install.sh"]));
  const closed = readdirSync(kit, { recursive: true, encoding: "utf8" }).filter((path) => {
    return (statSync(join(kit, path)).mode & 0o044) !== 0o044;
  });
  expect(closed, "readable by every user of the machine").toEqual([]);
  mkdirSync(empty);
  expect(offline("sh", join(kit, "install.sh"), "app")).toMatchObject({ status: 0 });

  const program = join(empty, "app/node_modules/.bin/mini-docker");
  expect(offline(program, ...cli.roots, "run", "--rm", "base", "echo", "hi")).toEqual({ status: 0, said: "hi\n" });
  expect(offline(program, "learn", "read", "01", "--plain").said).toContain("## ");

  // A student's TypeScript is read, and what may be revealed later has its source.
  expect(offline(program, "learn", "start", "mine").status).toBe(0);
  const rootfs = ["create", "--name", "files", "base"];
  expect(offline(program, ...cli.roots, ...rootfs).status).toBe(0);
  expect(existsSync(join(empty, "app/node_modules/mini-docker/src/02-rootfs/pivot.ts"))).toBe(true);
  const explained = offline(
    program,
    ...cli.roots,
    "run",
    "--rm",
    "--on-host",
    "--explain",
    "--with",
    "02=mine/02-rootfs.ts",
    "base",
    "true",
  );
  expect(explained.said).toContain("mine/02-rootfs.ts");
});

test("is not installed when a byte of it is another", { ...needs("program:npm"), timeout: 60_000 }, () => {
  appendFileSync(join(kit, "base.tar"), "x");
  const { status, said } = offline("sh", join(kit, "install.sh"), "other");
  expect(status).not.toBe(0);
  expect(said).toContain("base.tar: FAILED");
  expect(existsSync(join(empty, "other"))).toBe(false);
});

test("goes into no folder that has something in it", () => {
  const { code, stderr } = cli.call("learn", "kit", kit);
  expect(code).toBe(1);
  expect(stderr).toContain("is not empty");
  expect(readFileSync(join(kit, "README.txt"), "utf8")).toContain("install.sh");
});
