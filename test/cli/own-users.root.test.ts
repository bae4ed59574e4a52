// A container whose users are nobody else's on the host: root in there, and nobody at all out here.

import { spawnSync } from "node:child_process";
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cliForTests, ended, PROGRAM } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();
const inside = (script: string, ...flags: string[]) =>
  md.call("run", "--rm", "--userns", "auto", ...flags, "base", "sh", "-c", script);
const pidOf = (name: string) => md.ok("inspect", "-f", "{{.State.Pid}}", name);
const idsOf = (name: string) => /^Uid:\s*(\d+)/m.exec(readFileSync(`/proc/${pidOf(name)}/status`, "utf8"))![1];

describe("--userns auto", needs("userns"), () => {
  test("root owns what the image gives to root, on the host is nobody, and writes as root into its own layer", () => {
    md.ok(
      "run",
      "-d",
      "--name",
      "own",
      "--userns",
      "auto",
      "base",
      "sh",
      "-c",
      "touch /new; chown 1000 /new; sleep 1000",
    );
    const id = md.ok("inspect", "-f", "{{.Id}}", "own");
    expect(Number(idsOf("own"))).toBeGreaterThanOrEqual(0x1000_0000);
    expect(md.ok("exec", "own", "stat", "-c", "%u:%g %n", "/", "/bin/sh", "/etc/hosts", "/new").split("\n")).toEqual([
      "0:0 /",
      "0:0 /bin/sh",
      "0:0 /etc/hosts",
      "1000:0 /new",
    ]);
    expect(lstatSync(join(md.root, "containers", id, "upper/new")).uid).toBe(1000);
    expect(md.ok("diff", "own")).toBe("A /new");
    md.ok("rm", "-f", "own");
    md.ok("create", "--name", "next", "--userns", "auto", "base", "true");
    expect(readdirSync(join(md.root, "ids"))).toHaveLength(1);
    md.ok("rm", "next");
  });

  test("two made at once have no user in common", async () => {
    const names = ["one", "two", "three"];
    const all = names.map((name) => md.begin("run", "-d", "--name", name, "--userns", "auto", "base", "sleep", "1000"));
    for (const said of await Promise.all(all.map(ended))) expect(said).toMatchObject({ code: 0, stderr: "" });
    expect(new Set(names.map(idsOf)).size).toBe(3);
    md.ok("rm", "-f", ...names);
  });

  test("its root has no power over the host's files, not even those it is given", () => {
    const folder = mkdtempSync(join(tmpdir(), "given-"));
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, "secret"), "secret\n", { mode: 0o600 });
    const { stdout, stderr } = inside("stat -c %u /v/secret; cat /v/secret; echo more >> /v/new", "-v", `${folder}:/v`);
    expect(stdout).toBe("65534\n");
    expect(stderr.match(/Permission denied/g)).toHaveLength(2);
    expect(readdirSync(folder)).toEqual(["secret"]);
  });

  test("nor over the kernel's settings, whatever capabilities it has inside", () => {
    const files = "/proc/sys/kernel/core_pattern /proc/sys/vm/overcommit_memory /sys/kernel/uevent_helper";
    const script = `for f in ${files}; do (: >> $f) 2>/dev/null && echo $f; done; mount -t tmpfs t /mnt && echo mounted`;
    expect(inside(script, "--privileged").stdout).toBe("mounted\n");
  });

  test("what it mounts in a shared volume stays in there", () => {
    const folder = mkdtempSync(join(tmpdir(), "given-"));
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, "on"));
    const script = "mount -t tmpfs t /v/on && touch /v/on/file && ls /v/on";
    const flags = ["--cap-add", "SYS_ADMIN", "--security-opt", "seccomp=unconfined", "-v", `${folder}:/v:rshared`];
    expect(inside(script, ...flags).stdout).toBe("file\n");
    expect(readdirSync(join(folder, "on"))).toEqual([]);
  });

  describe("what it is lent to read can't be written to, whatever its root does with the mount", () => {
    const lent = () => {
      const folder = mkdtempSync(join(tmpdir(), "lent-"));
      chmodSync(folder, 0o755);
      writeFileSync(join(folder, "file"), "kept\n");
      return folder;
    };
    const tries = (place: string) => `
      write() { echo changed 2>/dev/null > "$1/file" && echo "written after $2"; }
      write ${place} nothing
      mount -o remount,bind,rw ${place} 2>/dev/null; write ${place} remount
      mkdir /other; mount --bind ${place} /other; mount -o remount,bind,rw /other 2>/dev/null; write /other bind
      mount --move ${place} /mnt; mount -o remount,bind,rw /mnt 2>/dev/null; write /mnt move
      umount /mnt; umount /other; ls -A ${place} /mnt
      echo tried`;

    test.each([
      ["as it is", "ro"],
      ["with owners of its own", "ro,idmap"],
    ])("%s", (_, mode) => {
      const folder = lent();
      const { stdout } = inside(tries("/v"), "--privileged", "-v", `${folder}:/v:${mode}`);
      expect(stdout).toBe("/mnt:\n\n/v:\ntried\n");
      expect(readFileSync(join(folder, "file"), "utf8")).toBe("kept\n");
    });

    test("and what the host covers stays covered", () => {
      const folder = lent();
      const program = [process.execPath, "--", PROGRAM, "--root", md.root, "--state", md.state];
      const flags = ["--rm", "--privileged", "--userns", "auto", "-v", `${folder}:/v`];
      const script =
        "umount /v/secret; mkdir /other; mount --rbind /v /other; umount /other/secret; ls /v/secret /other/secret";
      const host = `mkdir ${folder}/secret; touch ${folder}/secret/hidden; mount -t tmpfs t ${folder}/secret; "$@"`;
      const words = ["run", ...flags, "base", "sh", "-c", script];
      const { stdout } = spawnSync("unshare", ["-m", "sh", "-c", host, "sh", ...program, ...words], {
        encoding: "utf8",
      });
      expect(stdout).toBe("/other/secret:\n\n/v/secret:\n");
    });
  });

  test("other users, terminals, read-only roots, volatile folders and the host's network are as ever", () => {
    expect(inside("id -u; id -g", "-u", "1000:1000").stdout).toBe("1000\n1000\n");
    expect(inside("touch /x 2>&1; touch /t/x && echo ok", "--read-only", "--tmpfs", "/t").stdout).toMatch(
      /Read-only.*\nok\n/,
    );
    expect(inside("ls /sys/class/net | grep -c .", "--network", "host").code).toBe(0);
    expect(inside("test -t 0 && echo here", "-t").stdout).toContain("here");
  });

  test("files are copied out with the container's owners, whether it runs or not; in, only by its own tar", () => {
    const folder = mkdtempSync(join(tmpdir(), "copied-"));
    md.ok("run", "-d", "--name", "box", "--userns", "auto", "base", "sh", "-c", "touch /x; chown 5 /x; sleep 1000");
    while (md.ok("exec", "box", "stat", "-c", "%u", "/x") !== "5") md.ok("inspect", "box");
    md.ok("cp", "-a", "box:/x", join(folder, "running"));
    md.ok("stop", "-t", "0", "box");
    md.ok("cp", "-a", "box:/x", join(folder, "stopped"));
    for (const name of ["running", "stopped"]) expect(lstatSync(join(folder, name)).uid).toBe(5);
    const { code, stderr } = md.call("cp", join(folder, "running"), "box:/");
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('cannot copy into container "box": its users are its own'),
    ]);
    expect(md.call("bundle", "box", "--copy", join(folder, "bundle")).stderr).toContain(
      "its bundle can't be taken out",
    );
    md.ok("rm", "-f", "box");
  });

  test("nothing that is mounted or unmounted inside reaches a host whose mounts are shared, as systemd makes them", () => {
    const program = [process.execPath, "--", PROGRAM, "--root", md.root, "--state", md.state];
    const folder = mkdtempSync(join(tmpdir(), "shared-"));
    mkdirSync(join(folder, "on"));
    chmodSync(folder, 0o755);
    const flags = [
      "--privileged",
      "--userns",
      "auto",
      "--network",
      "host",
      "-v",
      `${folder}:/a`,
      "-v",
      `${folder}:/b:slave`,
    ];
    const inside =
      "mount -t tmpfs t /a/on; mount -t tmpfs t /b/on; mount -t tmpfs t /sys/kernel; umount /sys/fs/cgroup/pids; true";
    const host = `mount --make-rshared / && cat /proc/self/mountinfo > ${folder}/before && "$@" && cat /proc/self/mountinfo > ${folder}/after`;
    const words = ["run", "--rm", ...flags, "base", "sh", "-c", inside];
    const { status, stderr } = spawnSync("unshare", ["-m", "sh", "-c", host, "sh", ...program, ...words], {
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([0, expect.anything()]);
    expect(readFileSync(join(folder, "after"), "utf8")).toBe(readFileSync(join(folder, "before"), "utf8"));
  });

  test("namespaces that aren't its users' are refused", () => {
    for (const flags of [
      ["--pid", "host"],
      ["--ipc", "host"],
      ["--network", "container:x"],
    ]) {
      expect(inside("true", ...flags).stderr).toContain("conflicting options: --userns auto and");
    }
  });

  test("it starts again with the same users", () => {
    md.ok("run", "-d", "--name", "again", "--userns", "auto", "base", "sleep", "1000");
    const before = idsOf("again");
    md.ok("restart", "-t", "0", "again");
    expect(idsOf("again")).toBe(before);
    md.ok("rm", "-f", "again");
  });
});
