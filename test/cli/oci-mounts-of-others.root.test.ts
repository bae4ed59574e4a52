// Containers in a mount namespace of others: the host's where config.json lists none, or one that it joins. What they have
// mounted hangs nowhere (stage 02, nowhere.ts), so the others' lists stay as they were, letter for letter.

import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { programPath } from "../../src/01-syscalls/index.ts";
import type { Namespace } from "../../src/03-namespaces/index.ts";
import type { Hook, Hooks } from "../../src/10-containers/spec/oci.ts";
import { OCI_PROGRAM, ociForTests } from "../support/oci.ts";

const oci = ociForTests();
const { ok, call, callWith, status, until } = oci;
const file = (name: string) => join(oci.folder, name);
const written = (name: string) => readFileSync(join(oci.rootfs, name), "utf8");
const quiet = { stdio: "ignore" } as const;

const mountsOf = (pid: number | "self") => readFileSync(`/proc/${pid}/mountinfo`, "utf8");
const namespaceOf = (pid: number | "self", kind = "mnt") => readlinkSync(`/proc/${pid}/ns/${kind}`);
const pidOf = (id: string): number => JSON.parse(ok("state", id)).pid;

const POWERS = ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT", "CAP_DAC_OVERRIDE"];

/** With the usual mounts, and a mask. */
function bundle(name: string, args: string[], namespaces: Namespace[] = [], hooks: Hooks = {}): string {
  const capabilities = { bounding: POWERS, effective: POWERS, permitted: POWERS };
  const linux = { namespaces, maskedPaths: ["/etc/passwd"], readonlyPaths: ["/proc/sys"] };
  return oci.bundle(name, { process: { args, capabilities }, linux, hooks });
}

const sh = (script: string) => ["sh", "-c", script];

let before = "";
beforeEach(() => {
  before = mountsOf("self");
});

describe("without a mount namespace", () => {
  test("all namespaces are the caller's, who finds nothing new mounted from create to delete", async () => {
    const script = "wc -c < /etc/passwd > /masked; ls /dev/pts > /pts; echo ran > /ran; sleep 1000";
    expect(callWith(quiet, "create", "-b", bundle("host", sh(script)), "host").code).toBe(0);
    const pid = pidOf("host");
    for (const kind of ["mnt", "pid", "net", "ipc", "uts", "user", "cgroup"])
      expect(namespaceOf(pid, kind)).toBe(namespaceOf("self", kind));
    expect(mountsOf("self")).toBe(before);

    ok("start", "host");
    await until(() => existsSync(join(oci.rootfs, "ran")));
    expect([written("masked"), written("pts")]).toEqual(["0\n", "ptmx\n"]);
    expect(mountsOf("self")).toBe(before);

    ok("kill", "host", "KILL");
    await until(() => status("host") === "stopped");
    expect(mountsOf("self")).toBe(before);
    ok("delete", "host");
    expect(mountsOf("self")).toBe(before);
  });

  test("exec has the same root", () => {
    expect(callWith(quiet, "run", "-d", "-b", bundle("entered", ["sleep", "1000"]), "entered").code).toBe(0);
    const script = "readlink /proc/self/ns/mnt; pwd; ls -d /usr /dev/ptmx; touch /proc/sys/x || echo kept";
    const { stdout } = call("exec", "--cwd", "/etc", "entered", ...sh(script));
    expect(stdout).toBe(`${namespaceOf("self")}\n/etc\n/dev/ptmx\n/usr\nkept\n`);
    expect(call("exec", "-t", "entered", "tty").stdout).toBe("/dev/pts/0\r\n");
    ok("delete", "-f", "entered");
    expect(mountsOf("self")).toBe(before);
  });

  test("who may chroot and mount finds nothing above its root, and mounts nothing", () => {
    writeFileSync(file("secret"), "of the host");
    copyFileSync(programPath("attacker"), join(oci.rootfs, "attacker"));
    const args = ["/attacker", "break-out", file("secret")];
    expect(call("run", "-b", bundle("climbs", args), "climbs").stdout).toBe("not found\n");
    expect(call("run", "-b", bundle("mounts", sh("mount -t tmpfs t /mnt || echo no")), "mounts").stdout).toBe("no\n");
    expect(mountsOf("self")).toBe(before);
  });

  test("nothing is left where create or its container is killed, nor where its program isn't there", async () => {
    const script = `echo $$ > ${file("hook")}.new; mv ${file("hook")}.new ${file("hook")}; exec sleep 1000`;
    const createRuntime: Hook[] = [{ path: "/bin/sh", args: sh(script), env: ["PATH=/bin:/usr/bin"] }];
    const create = oci.begin("create", "-b", bundle("killed", ["true"], [], { createRuntime }), "killed");
    await until(() => existsSync(file("hook")));
    expect(mountsOf("self")).toBe(before);
    create.kill("SIGKILL");
    process.kill(Number(readFileSync(file("hook"), "utf8")), "SIGKILL");
    await until(() => create.signalCode !== null);
    expect(mountsOf("self")).toBe(before);
    ok("delete", "-f", "killed");

    expect(callWith(quiet, "create", "-b", bundle("shot", ["true"]), "shot").code).toBe(0);
    process.kill(pidOf("shot"), "SIGKILL");
    await until(() => status("shot") === "stopped");
    expect(mountsOf("self")).toBe(before);
    ok("delete", "shot");

    expect(call("create", "-b", bundle("nothing", ["nosuch"]), "nothing").code).toBe(127);
    expect(mountsOf("self")).toBe(before);
  });

  test("hooks find what they find elsewhere", () => {
    const hook = (script: string): Hook[] => [{ path: "/bin/sh", args: sh(script), env: ["PATH=/bin:/usr/bin"] }];
    const place = join(oci.rootfs, "mnt");
    const hooks = {
      createContainer: hook(`mount -t tmpfs hook ${place} && echo added > ${place}/file`),
      startContainer: hook("cp /mnt/file /started"),
    };
    const args = ["cat", "/mnt/file", "/started"];
    expect(ok("run", "-b", bundle("hooked", args, [], hooks), "hooked")).toBe("added\nadded");
    expect(mountsOf("self")).toBe(before);
  });

  test("nor does anything travel to a host whose mounts are shared", () => {
    const script = 'cat /proc/self/mountinfo; "$@"; cat /proc/self/mountinfo';
    const run = ["node", "--", OCI_PROGRAM, "--root", oci.root, "run", "-b", bundle("told", ["echo", "ran"]), "told"];
    const words = ["-m", "--propagation", "shared", "sh", "-c", script, "sh", ...run];
    const [first, last] = spawnSync("unshare", words, { encoding: "utf8" }).stdout.split("ran\n");
    expect(first).toContain(" shared:");
    expect(last).toBe(first);
  });
});

describe("in a mount namespace that it joins", () => {
  const other = spawn("unshare", ["-m", "sh", "-c", "mount -t tmpfs theirs /mnt; echo; exec sleep 1000"]);
  const ready = new Promise((resolve) => other.stdout.once("data", resolve));
  afterAll(() => void other.kill("SIGKILL"));

  test.each(["another's", "the caller's"])("%s list of mounts stays as it was", async (whose) => {
    await ready;
    const pid = whose === "another's" ? other.pid! : process.pid;
    const theirs = mountsOf(pid);
    const id = whose.split(/\W/)[0]!;
    const namespaces: Namespace[] = [{ type: "mount", path: `/proc/${pid}/ns/mnt` }, { type: "pid" }];
    expect(callWith(quiet, "run", "-d", "-b", bundle(id, ["sleep", "1000"], namespaces), id).code).toBe(0);
    expect(namespaceOf(pidOf(id))).toBe(namespaceOf(pid));
    expect(mountsOf(pid)).toBe(theirs);
    // The root is the bundle's, with what is mounted there, whatever the others have for /.
    const { stdout } = call(
      "exec",
      id,
      ...sh("ls -di / | cut -d' ' -f1; readlink /proc/self/ns/mnt; wc -c < /etc/passwd"),
    );
    expect(stdout).toBe(`${statSync(oci.rootfs).ino}\n${namespaceOf(pid)}\n0\n`);
    ok("delete", "-f", id);
    expect(mountsOf(pid)).toBe(theirs);
    expect(mountsOf("self")).toBe(before);
  });
});
