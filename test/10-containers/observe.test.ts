import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { changesBetween } from "../../src/10-containers/explain/changes.ts";
import { observe, type Snapshot } from "../../src/10-containers/explain/observe.ts";

const proc = mkdtempSync(join(tmpdir(), "mini-docker-proc-"));
afterAll(() => rmSync(proc, { recursive: true }));

/** A process as /proc would tell of it; names ending in @ are links. */
function processWith(pid: number, files: Record<string, string>): Snapshot {
  const status = "Name:\tx\nState:\tS (sleeping)\n";
  for (const [name, text] of Object.entries({ status, ...files })) {
    const path = join(proc, String(pid), name.replace(/@$/, ""));
    mkdirSync(dirname(path), { recursive: true });
    if (name.endsWith("@")) symlinkSync(text, path);
    else writeFileSync(path, text);
  }
  return observe(pid, proc);
}

const MOUNTS = `21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
22 21 0:5 / /proc rw,nosuid shared:2 master:1 - proc proc rw
`;

describe("observe", () => {
  test("a mount is where, type, source, options and propagation, whatever its options", () => {
    const { mount } = processWith(1, { mountinfo: `${MOUNTS}23 21 0:6 / /a\\040b ro - tmpfs none rw,size=4k\n` });
    expect(mount).toEqual({
      21: "/ ext4 /dev/sda1 rw,relatime shared",
      22: "/proc proc proc rw,nosuid shared+slave",
      23: "/a\\040b tmpfs none ro private",
    });
  });

  test("ids, groups and filters are the status file's, an empty one too", () => {
    const status = "State:\tS\nUid:\t0\t1\t2\t3\nGroups:\t \nNSpid:\t70\t1\nNoNewPrivs:\t1\nSeccomp:\t2\n";
    expect(processWith(2, { status, uid_map: "  0  1000   1\n  1  5  9\n" }).process).toEqual({
      uid: "0 1 2 3",
      groups: "",
      pid: "70 1",
      "no new privileges": "yes",
      seccomp: "filter",
      "uid map": "0 1000 1, 1 5 9",
    });
  });

  test("capabilities are named, set by set", () => {
    const status = "State:\tS\nCapEff:\t0000000000000021\nCapBnd:\t0000000000000001\n";
    const held = processWith(3, { status }).capability;
    expect(Object.keys(held!)).toEqual(["effective CAP_CHOWN", "effective CAP_KILL", "bounding CAP_CHOWN"]);
  });

  test("limits and groups are read by the kernel's own columns", () => {
    const limits = `Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max open files            1024                 524288               files     
`;
    const seen = processWith(4, { limits, cgroup: "4:cpu,cpuacct:/a:b\n0::/\n" });
    expect(seen.limit).toEqual({ "Max cpu time": "unlimited unlimited", "Max open files": "1024 524288" });
    expect(seen.cgroup).toEqual({ "cpu,cpuacct": "/a:b", unified: "/" });
  });

  test("addresses are those the network answers to itself, each once", () => {
    const trie =
      "Main:\n  |-- 127.0.0.0\n /8 host\n  |-- 127.0.0.1\n     /32 host LOCAL\nLocal:\n  |-- 127.0.0.1\n     /32 host LOCAL\n";
    const seen = processWith(5, { "net/dev": "Inter-| x\n face | y\n    lo:  1 2\n", "net/fib_trie": trie });
    expect(seen.network).toEqual({ lo: "interface", "127.0.0.1": "address" });
  });

  test("one that has ended, or isn't there, is not looked at", () => {
    expect(processWith(6, { status: "State:\tZ (zombie)\n", mountinfo: MOUNTS })).toEqual({});
    expect(observe(7, proc)).toEqual({});
  });
});

describe("changesBetween", () => {
  test("tells what came, what went and what is another, area by area", () => {
    const before = { mount: { 1: "/ a", 2: "/b b" }, process: { uid: "0" } };
    const after = { mount: { 1: "/ a", 3: "/c c" }, process: { uid: "5" } };
    expect(changesBetween(before, after)).toEqual([
      { area: "mount", name: "2", before: "/b b" },
      { area: "mount", name: "3", after: "/c c" },
      { area: "process", name: "uid", before: "0", after: "5" },
    ]);
  });

  test("in a copied mount namespace mounts are the same by where they are, not by their ids", () => {
    const before = { namespace: { mnt: "1" }, mount: { 1: "/ a shared", 2: "/b b", 3: "/b over" } };
    const after = { namespace: { mnt: "2" }, mount: { 7: "/ a slave", 8: "/b b", 9: "/b over" } };
    expect(changesBetween(before, after)).toEqual([
      { area: "namespace", name: "mnt", before: "1", after: "2" },
      { area: "mount", name: "/", before: "/ a shared", after: "/ a slave" },
    ]);
  });

  test("says nothing of what could not be read", () => {
    expect(changesBetween({ descriptor: { 1: "pipe" } }, {})).toEqual([]);
    expect(changesBetween({ process: { uid: "0", program: "/bin/sh" } }, { process: { uid: "0" } })).toEqual([]);
  });
});
