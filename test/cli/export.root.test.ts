import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { setXattr } from "../../src/05-overlay/index.ts";
import { cliForTests, PROGRAM } from "../support/cli.ts";

const md = cliForTests();
const folder = mkdtempSync(join(tmpdir(), "export-"));
const archive = join(folder, "made.tar");

/** cap_net_raw=ep, as setcap writes it: linux/capability.h, struct vfs_cap_data. */
const CAPABILITY = Buffer.from("0100000200200000000000000000000000000000", "hex");

const MAKE = `
  mkdir -m 1750 /made; echo content > /made/file; chown 7:8 /made/file; chmod 4755 /made/file
  ln /made/file /made/hard; ln -s file /made/soft; mkfifo /made/pipe
  echo secret > /data/secret; echo gone > /tmp/gone; echo ours > /etc/hosts; sleep 1000`;

beforeAll(() => {
  const mounts = ["-v", `${folder}:/data`, "--tmpfs", "/tmp"];
  md.ok("run", "-d", "--name", "made", "--hostname", "x", ...mounts, "base", "sh", "-c", MAKE);
  md.ok("exec", "made", "sh", "-c", "until [ -s /etc/hosts ] && grep -q ours /etc/hosts; do sleep 0.01; done");
  const pid = md.ok("inspect", "-f", "{{.State.Pid}}", "made");
  setXattr(`/proc/${pid}/root/bin/busybox`, "security.capability", CAPABILITY);
  md.ok("export", "-o", archive, "made");
});

const listed = (...words: string[]) =>
  execFileSync("tar", ["tvf", archive, "--numeric-owner", ...words], { encoding: "utf8" });

describe("export", () => {
  test("has the container's files as they are", () => {
    const lines = listed("made").replaceAll(/ +/g, " ");
    expect(lines).toMatch(/^drwxr-x--T 0\/0 0 \S+ \S+ made\/$/m);
    expect(lines).toMatch(/^-rwsr-xr-x 7\/8 8 \S+ \S+ made\/file$/m);
    expect(lines).toMatch(/^hrwsr-xr-x 7\/8 0 \S+ \S+ made\/hard link to made\/file$/m);
    expect(lines).toMatch(/^lrwxrwxrwx 0\/0 0 \S+ \S+ made\/soft -> file$/m);
    expect(lines).toMatch(/^prw-r--r-- 0\/0 0 \S+ \S+ made\/pipe$/m);
    const record = Buffer.concat([Buffer.from("SCHILY.xattr.security.capability="), CAPABILITY]);
    expect(readFileSync(archive).includes(record)).toBe(true);
  });

  test("has nothing of what is mounted, but the places for it", () => {
    const lines = listed().replaceAll(/ +/g, " ");
    expect(lines).not.toMatch(/secret|gone|proc\/./);
    expect(lines).toMatch(/^drwxr-xr-x 0\/0 0 \S+ \S+ data\/$/m);
    expect(lines).toMatch(/^drwxrwxrwt 0\/0 0 \S+ \S+ tmp\/$/m);
    expect(lines).toMatch(/^-rw-r--r-- 0\/0 0 \S+ \S+ etc\/hosts$/m);
  });

  test("is the same once the container has ended, and through a pipe", () => {
    md.ok("kill", "made");
    const piped = spawnSync("node", ["--", PROGRAM, ...md.roots, "export", "made"], { maxBuffer: 1 << 28 });
    expect(piped.stdout.equals(readFileSync(archive))).toBe(true);
  });

  test("is what import makes an image of, which runs", () => {
    const id = md.ok("import", "-c", 'CMD ["cat","/made/file"]', "-m", "by hand", archive, "again:1");
    expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(md.ok("run", "--rm", "again:1")).toBe("content");
    expect(md.ok("history", "--format", "{{.Comment}}", "again:1")).toBe("by hand");
    const piped = md.callWith({ input: readFileSync(archive) }, "import", "-", "again:2");
    expect(piped.code).toBe(0);
    expect(md.ok("run", "--rm", "again:2", "stat", "-c", "%u:%g %h", "/made/file")).toBe("7:8 2");
  });

  test("and is for one machine, as it says", () => {
    md.ok("import", "--platform", "linux/riscv64", archive, "again:riscv");
    expect(md.ok("image", "inspect", "-f", "{{.Os}}/{{.Architecture}}", "again:riscv")).toBe("linux/riscv64");
    expect(md.ok("run", "--rm", "--platform", "linux/riscv64", "again:riscv", "echo", "hi")).toBe("hi");
    expect(md.call("run", "--rm", "--platform", "linux/s390x", "again:riscv", "true")).toMatchObject({
      code: 125,
      stderr: expect.stringContaining("does not provide the specified platform (linux/s390x)"),
    });
  });

  test("says what is wrong", () => {
    expect(md.call("export", "nope")).toMatchObject({ code: 1, stderr: "mini-docker: No such container: nope\n" });
    expect(md.call("import", "https://x.example/x.tar").stderr).toContain("importing from a URL is not supported");
    expect(md.call("import", "-c", "RUN x", archive).stderr).toBe("mini-docker: RUN is not a valid change command\n");
    expect(md.call("import", "/no/such").stderr).toBe("mini-docker: open /no/such: no such file or directory\n");
  });
});
