import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { cliForTests } from "../support/cli.ts";

const md = cliForTests();
const here = mkdtempSync(join(tmpdir(), "cp-"));
const inside = (script: string) => md.ok("exec", "box", "sh", "-c", script);

beforeAll(() => {
  execFileSync(
    "sh",
    ["-c", "mkdir -p d/sub; echo f > f; chmod 640 f; chown 1000:1001 f; echo g > d/sub/g; ln -s sub d/l"],
    {
      cwd: here,
    },
  );
  md.ok("run", "-d", "--name", "box", "-v", `${here}/d:/bound`, "--tmpfs", "/shm", "base", "sleep", "1000");
});

const cp = (...argv: string[]) => md.callWith({ cwd: here }, "cp", ...argv);

describe("cp into a container", () => {
  test("a file: onto a new name, into a folder, over a file; to a relative path from the root", () => {
    for (const path of ["/tmp/new", "/tmp", "/tmp/new", "tmp/rel"]) {
      expect(cp("f", `box:${path}`)).toEqual({ code: 0, stdout: "", stderr: "" });
    }
    expect(inside("cat /tmp/new /tmp/f /tmp/rel; stat -c '%a %u:%g' /tmp/new")).toBe("f\nf\nf\n640 0:0");
  });

  test("belongs to the container's root; with -a to whom it did", () => {
    expect(cp("-a", "f", "box:/root/kept").code).toBe(0);
    expect(inside("stat -c %u:%g /root/kept")).toBe("1000:1001");
  });

  test("a folder: as a new one, into one, or its contents; links stay links", () => {
    for (const [from, to] of [
      ["d", "/a1"],
      ["d", "/a1"],
      ["d/.", "/a1"],
      ["d/.", "/a2"],
    ])
      expect(cp(from!, `box:${to}`).code).toBe(0);
    expect(inside("find /a1 /a2 | sort; readlink /a1/l")).toBe(
      "/a1\n/a1/d\n/a1/d/l\n/a1/d/sub\n/a1/d/sub/g\n/a1/l\n/a1/sub\n/a1/sub/g\n/a2\n/a2/l\n/a2/sub\n/a2/sub/g\nsub",
    );
  });

  test.each([
    ["f", "box:/nosuch/", "no such directory"],
    ["f", "box:/nosuch/x", "Could not find the file /nosuch in container box"],
    ["d", "box:/etc/passwd", "cannot copy directory"],
    ["nosuch", "box:/tmp", "nosuch: no such file or directory"],
    ["f", "nosuch:/tmp", "No such container: nosuch"],
    ["f", "box:", "path cannot be empty"],
    ["f", "f2", "must specify at least one container source"],
    ["box:/etc", "box:/tmp", "copying between containers is not supported"],
  ])("%s to %s is refused", (from, to, message) => {
    expect(cp(from, to)).toMatchObject({ code: 1, stderr: expect.stringContaining(message) });
  });

  test("what is mounted is written where it is: /etc/hosts, a tmpfs, a bound folder", () => {
    for (const path of ["/etc/hosts", "/shm/", "/bound/"]) expect(cp("f", `box:${path}`).code).toBe(0);
    expect(inside("cat /etc/hosts /shm/f /bound/f")).toBe("f\nf\nf");
  });
});

describe("cp out of a container", () => {
  test("files and folders, by the same rules, as ours; a link as a link, or with -L what it leads to", () => {
    inside("mkdir -p /o/sub; echo g > /o/sub/g; ln -s sub /o/l; chown -R 7:8 /o");
    for (const argv of [
      ["box:/o", "o1"],
      ["box:/o/.", "o2"],
      ["box:/o/l", "l"],
      ["box:/o/l/", "l2"],
      ["-L", "box:/o/l", "l3"],
    ]) {
      expect(cp(...argv).code).toBe(0);
    }
    expect(readdirSync(join(here, "o1")).sort()).toEqual(["l", "sub"]);
    expect(readdirSync(join(here, "o2")).sort()).toEqual(["l", "sub"]);
    expect(readlinkSync(join(here, "l"))).toBe("sub");
    expect(readdirSync(join(here, "l2"))).toEqual(["g"]);
    expect(readdirSync(join(here, "l3"))).toEqual(["g"]);
    expect(statSync(join(here, "o1/sub/g")).uid).toBe(0);
    expect(cp("-a", "box:/o", "o3").code).toBe(0);
    expect(statSync(join(here, "o3/sub/g"))).toMatchObject({ uid: 7, gid: 8 });
    expect(cp("box:/nosuch", ".").stderr).toContain("Could not find the file /nosuch in container box");
    expect(cp("box:/o", "f").stderr).toContain("cannot copy directory");
    expect(cp("box:/etc/passwd", "nosuch/x").stderr).toContain("invalid output path");
  });

  test("all of it is files: what the kernel shows stays out, devices are left out and told", () => {
    const said = cp("box:/", "all");
    expect(said.code).toBe(0);
    expect(readdirSync(join(here, "all"))).toContain("bin");
    for (const name of ["proc", "sys", "dev"]) expect(readdirSync(join(here, "all", name))).toEqual([]);
    expect(cp("box:/dev/null", "null")).toMatchObject({ code: 0, stderr: expect.stringContaining("left out") });
    expect(existsSync(join(here, "null"))).toBe(false);
    expect(cp("f", "box:/dev/null").code).toBe(1);
  });
});

describe("cp of archives", () => {
  test("comes out of one and goes into another, owners and all", () => {
    const tar = spawnSync("node", [
      "--",
      "dist/mini-docker.js",
      "--root",
      md.root,
      "--state",
      md.state,
      "cp",
      "box:/o",
      "-",
    ]);
    const list = execFileSync("tar", ["tvf", "-"], { input: tar.stdout, encoding: "utf8" });
    expect(
      list
        .split("\n")
        .map((line) => line.split(/\s+/).slice(5).join(" "))
        .filter(Boolean),
    ).toEqual(["o/", "o/l -> sub", "o/sub/", "o/sub/g"]);
    expect(md.callWith({ input: tar.stdout }, "cp", "-", "box:/mnt").code).toBe(0);
    expect(inside("stat -c '%u:%g' /mnt/o/sub/g; cat /mnt/o/l/g")).toBe("7:8\ng");
    const notFolder = md.callWith({ input: tar.stdout }, "cp", "-", "box:/etc/passwd");
    expect(notFolder.stderr).toContain('destination "box:/etc/passwd" must be a directory');
    expect(md.callWith({ input: "no archive" }, "cp", "-", "box:/mnt").code).toBe(1);
  });
});

describe("a container that doesn't run", () => {
  test("is read and written as well, with its bound folders, and keeps what it got", () => {
    md.ok("create", "--name", "off", "-v", `${here}/d:/bound`, "base", "cat", "/x", "/bound/y");
    expect(cp("f", "off:/x").code).toBe(0);
    expect(cp("f", "off:/bound/y").code).toBe(0);
    expect(readFileSync(join(here, "d/y"), "utf8")).toBe("f\n");
    expect(md.call("start", "-a", "off").stdout).toBe("f\nf\n");
    expect(cp("off:/x", "back").code).toBe(0);
    expect(readFileSync(join(here, "back"), "utf8")).toBe("f\n");
    expect(md.ok("diff", "off").split("\n")).toEqual(["A /bound", "A /x"]);
  });

  test("stays as it is if its root is read-only, running or not", () => {
    md.ok("create", "--name", "fixed", "--read-only", "--tmpfs", "/t", "base", "sleep", "1000");
    expect(cp("f", "fixed:/x").stderr).toContain("container rootfs is marked read-only");
    md.ok("start", "fixed");
    expect(cp("f", "fixed:/x").stderr).toContain("container rootfs is marked read-only");
    expect(cp("f", "fixed:/t/x").code).toBe(0);
    expect(cp("fixed:/etc/passwd", "passwd").code).toBe(0);
    md.ok("rm", "-f", "fixed", "off");
  });
});

describe("a hostile container", () => {
  const outside = join(here, "outside");

  beforeAll(() => {
    mkdirSync(outside);
    writeFileSync(join(outside, "secret"), "secret");
  });

  test("gets its own files where its links lead to the host's", () => {
    inside(
      `mkdir -p ${outside}; ln -s ${outside} /abs; ln -s ../../../../../..${outside} /rel; ln -s /proc/1/root /magic`,
    );
    for (const link of ["abs", "rel"]) {
      expect(cp("f", `box:/${link}/planted`).code).toBe(0);
      expect(cp(`box:/${link}/secret`, "stolen").stderr).toContain("Could not find the file");
    }
    expect(cp("f", "box:/magic/planted").code).toBe(1);
    expect(inside(`ls ${outside}`)).toBe("planted");
    expect(readdirSync(outside)).toEqual(["secret"]);
  });

  test("can't hand out devices, or a link instead of a folder that is being copied", () => {
    inside(`mkdir -p /gift/sub; echo x > /gift/sub/x; mknod /gift/disk b 8 0; ln -s ${outside} /gift/out`);
    const said = cp("box:/gift", "gift");
    expect(said).toMatchObject({ code: 0, stderr: expect.stringContaining("gift/disk is a device") });
    expect(readdirSync(join(here, "gift")).sort()).toEqual(["out", "sub"]);
    expect(lstatSync(join(here, "gift/out")).isSymbolicLink()).toBe(true);
    // Copied again, now where a link is: it is not gone through.
    inside("rm /gift/out; mkdir /gift/out; echo planted > /gift/out/planted");
    expect(cp("box:/gift", ".").stderr).toContain("cannot overwrite non-directory");
    expect(readdirSync(outside)).toEqual(["secret"]);
  });
});
