import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configOf } from "../support/bundles.ts";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();
const here = mkdtempSync(join(tmpdir(), "bundles-"));
const [copy, mounted] = [join(here, "copy"), join(here, "mounted")];

beforeAll(() => {
  const script = "cat /etc/hostname /before; echo $PPID; echo w > /written; exit 3";
  md.ok("create", "--name", "box", "--hostname", "inside", "--init", "-m", "64m", "base", "sh", "-c", script);
  writeFileSync(join(here, "before"), "before\n");
  md.ok("cp", join(here, "before"), "box:/before");
});

/** The others make the parent of their group in every hierarchy, and leave it there. */
afterAll(() => {
  spawnSync("sh", ["-c", "rmdir /sys/fs/cgroup/*/mini-docker"]);
});

/** In a mount namespace of its own: crun refuses a machine that has v2 beside v1, so there it sees v1 only. */
function crun(bundle: string) {
  const script = 'umount /sys/fs/cgroup/unified 2>/dev/null; exec crun run -b "$0" md-test';
  return spawnSync("unshare", ["-m", "sh", "-c", script, bundle], { encoding: "utf8" });
}

const runc = (bundle: string) => spawnSync("runc", ["run", "-b", bundle, "md-test"], { encoding: "utf8" });

/** What the container prints: its hostname, what it was given before, and that it is the child of our init. */
const SAYS = "inside\nbefore\n1\n";

describe("bundle", () => {
  test("--copy puts config.json and all files there, and says where", () => {
    expect(md.ok("bundle", "box", "--copy", copy)).toBe(copy);
    expect(readFileSync(join(copy, "rootfs/before"), "utf8")).toBe("before\n");
    const config = JSON.parse(readFileSync(join(copy, "config.json"), "utf8"));
    expect(config.root).toEqual({ path: "rootfs" });
    const sources = config.mounts.flatMap(({ type, source }: { type: string; source: string }) =>
      type === "bind" ? source : [],
    );
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) expect(source.startsWith(`${copy}/`)).toBe(true);
    expect(md.call("bundle", "box", "--copy", copy).stderr).toContain("is not empty");
  });

  test("--mount shows the same without copying; what is written stays there", () => {
    md.ok("bundle", "box", "--mount", mounted);
    try {
      expect(readFileSync(join(mounted, "rootfs/before"), "utf8")).toBe("before\n");
      writeFileSync(join(mounted, "rootfs/etc/group"), "");
      expect(readdirSync(join(mounted, "upper"))).toEqual(["etc"]);
      expect(md.ok("diff", "box")).toBe("A /before");
    } finally {
      expect(spawnSync("umount", [join(mounted, "rootfs")]).status).toBe(0);
    }
  });

  test("crun runs it as it is", needs("program:crun"), () => {
    expect(crun(copy)).toMatchObject({ status: 3, stdout: SAYS, stderr: "" });
    expect(existsSync(join(copy, "rootfs/written"))).toBe(true);
  });

  test("runc runs it as it is", needs("program:runc"), () => {
    expect(runc(copy)).toMatchObject({ status: 3, stdout: SAYS, stderr: "" });
  });

  test("a failure leaves nothing of it", () => {
    const place = join(here, "failed");
    expect(md.call("bundle", "nosuch", "--copy", place).code).toBe(1);
    expect(existsSync(place)).toBe(false);
    expect(md.call("bundle", "box").stderr).toContain("say either --copy DIR or --mount DIR");
  });
});

describe("bundle run", () => {
  test("runs what was taken out, in the bundle's own files, and leaves no container", () => {
    expect(md.call("bundle", "run", copy)).toMatchObject({ code: 3, stdout: SAYS, stderr: "" });
    expect(readFileSync(join(copy, "rootfs/written"), "utf8")).toBe("w\n");
    expect(md.ok("ps", "-aq").split("\n")).toHaveLength(1);
  });

  for (const [name, program, ...options] of [
    ["runc", "runc"],
    ["crun", "crun"],
    ["runc without root", "runc", "--rootless"],
  ]) {
    test(`runs the default bundle of ${name}`, needs(`program:${program}`), () => {
      const bundle = join(here, "default");
      spawnSync("sh", ["-c", `rm -rf ${bundle}; mkdir ${bundle}; cp -a ${copy}/rootfs ${bundle}/`]);
      expect(spawnSync(program!, ["spec", ...options], { cwd: bundle }).status).toBe(0);
      const path = join(bundle, "config.json");
      const config = JSON.parse(readFileSync(path, "utf8"));
      config.process.terminal = false;
      config.process.args = ["sh", "-c", "read word; echo $word $(hostname) $(id -u); touch /x || exit 8"];
      writeFileSync(path, JSON.stringify(config));
      const said = md.callWith({ input: "typed\n" }, "bundle", "run", bundle);
      // Their root is read-only.
      expect(said).toMatchObject({ code: 8, stdout: `typed ${program} 0\n` });
    });
  }

  test("-d leaves a container that all commands know", () => {
    const path = join(copy, "config.json");
    const config = JSON.parse(readFileSync(path, "utf8"));
    config.process.args = ["sleep", "1000"];
    writeFileSync(path, JSON.stringify(config));
    md.ok("bundle", "run", "-d", "--name", "theirs", copy);
    expect(md.ok("exec", "theirs", "hostname")).toBe("inside");
    expect(md.ok("ps", "--format", "{{.Names}} {{.Image}} {{.Command}}")).toBe('theirs bundle:copy "sleep 1000"');
    md.ok("stop", "-t", "0", "theirs");
    md.ok("rm", "theirs");
    expect(existsSync(join(copy, "rootfs/before"))).toBe(true);
  });

  test("one that lists no namespaces is with the host's, which finds nothing mounted; other commands reach its root", () => {
    const bundle = join(here, "host");
    mkdirSync(bundle);
    const config = configOf({ root: { path: join(copy, "rootfs") }, process: { args: ["sleep", "1000"] } });
    writeFileSync(join(bundle, "config.json"), JSON.stringify({ ...config, linux: { namespaces: [] } }));
    const before = readFileSync("/proc/self/mountinfo", "utf8");
    md.ok("bundle", "run", "-d", "--name", "hosts", bundle);
    expect(md.ok("exec", "hosts", "sh", "-c", "readlink /proc/self/ns/mnt; ls /dev/pts")).toBe(
      `${readlinkSync("/proc/self/ns/mnt")}\nptmx`,
    );
    expect(md.ok("security", "hosts")).toContain("own: none; the host's: mount pid network ipc uts cgroup");
    md.ok("cp", "hosts:/before", join(here, "of-hosts"));
    expect(readFileSync(join(here, "of-hosts"), "utf8")).toBe("before\n");
    expect(readFileSync("/proc/self/mountinfo", "utf8")).toBe(before);
    md.ok("stop", "-t", "0", "hosts");
    md.ok("cp", "hosts:/before", join(here, "of-stopped"));
    md.ok("rm", "hosts");
    expect(readFileSync("/proc/self/mountinfo", "utf8")).toBe(before);
  });

  test.each([
    ["a folder without config.json", "", "it has no config.json"],
    ["a config.json that is none", "{", "is no JSON"],
    ["one of no version", "{}", "is of no version 1"],
    ["one without a process", JSON.stringify({ ...configOf(), process: undefined }), "names no process to run"],
    ["one without a root", JSON.stringify(configOf()), "is no directory"],
  ])("refuses %s", (_, text, message) => {
    const bundle = mkdtempSync(join(here, "bad-"));
    if (text !== "") writeFileSync(join(bundle, "config.json"), text);
    expect(md.call("bundle", "run", bundle)).toMatchObject({ code: 125, stderr: expect.stringContaining(message) });
  });
});
