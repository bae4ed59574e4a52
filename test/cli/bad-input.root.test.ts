// Whatever is wrong with what the engine is given, it says so in a sentence, exits as Docker does, and has made nothing.

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { cliForTests, PROGRAM, type Said } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();

/** A sentence; below it, where there is more to know, the call that was refused and a hint. */
const SENTENCE = /^mini-docker: [^\n]+\n(?: {2}[^\n]+\n)*$/;

function expectRefusal(said: Said, code: number, what: string): void {
  expect(said, what).toMatchObject({ code, stdout: "" });
  expect(said.stderr, what).toMatch(SENTENCE);
  expect(said.stderr, what).not.toContain("this is a bug");
}

/** The other folders, as they would be given. */
const withRoots = (root: string, state: string, ...argv: string[]): Said =>
  said(spawnSync("node", ["--", PROGRAM, "--root", root, "--state", state, ...argv], { encoding: "utf8" }));

const said = ({ status, stdout, stderr }: { status: number | null; stdout: string; stderr: string }): Said => ({
  code: status!,
  stdout,
  stderr,
});

function kept(root = md.root, state = md.state): string[] {
  const folders = [join(root, "containers"), join(root, "names"), join(state, "containers")];
  return folders.flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []));
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "bad-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

beforeAll(() => {
  md.ok("run", "--rm", "base", "true");
});

describe("run refuses, and leaves nothing:", () => {
  test.each([
    ["a name that leads out of its folder", ["--name", "../out", "base"], "Invalid container name (../out)"],
    ["a name in a folder", ["--name", "in/out", "base"], "Invalid container name (in/out)"],
    ["an image without a name", ["", "true"], "invalid reference format"],
    ["an image that isn't there", ["--pull", "never", "nosuch"], "No such image: nosuch:latest"],
    ["a folder that is no image", ["oci:/nosuch"], "cannot load /nosuch"],
    ["a working directory on no path", ["-w", "here", "base"], "it needs to be an absolute path"],
    ["a working directory that is a file", ["-w", "/etc/hosts", "base"], "ENOTDIR"],
    ["a user nobody knows", ["-u", "nobodyknows", "base"], "unable to find user nobodyknows"],
    ["a user there can't be", ["-u", "99999999999", "base"], "uids and gids must be in range"],
    ["a bind of what isn't there", ["--mount", "type=bind,src=/nosuch,dst=/x", "base"], "does not exist: /nosuch"],
    ["a bind on the root, by a detour", ["-v", "/tmp:/a/../..", "base"], "destination can't be '/'"],
    ["a bind of a file on a folder", ["-v", "/etc/passwd:/etc", "base"], "move_mount"],
    ["a mount of a size that is none", ["--tmpfs", "/x:size=banana", "base"], "banana"],
    ["a limit too small to live in", ["--memory", "1k", "base"], "Minimum memory limit allowed is 6MB"],
    ["a processor that isn't there", ["--cpuset-cpus", "9999", "base"], "Requested CPUs are not available"],
    ["more processors than there are", ["--cpus", "9999", "base"], "range of CPUs is from"],
    ["a capability that isn't one", ["--cap-add", "FLY", "base"], "unknown capability"],
    ["a setting of the whole machine", ["--sysctl", "kernel.panic=1", "base"], "is not allowed"],
    ["a setting that isn't there", ["--sysctl", "net.nosuch=1", "base"], "net.nosuch"],
    ["a device that isn't there", ["--device", "/nosuch", "base"], "/nosuch"],
    ["a limit that isn't one", ["--ulimit", "wings=1", "base"], "wings"],
    ["another's network where there is no other", ["--network", "container:nosuch", "base"], "No such container"],
    ["a filter that can't be read", ["--security-opt", "seccomp=/nosuch", "base"], "opening seccomp profile"],
    ["a file of variables that isn't there", ["--env-file", "/nosuch", "base"], "/nosuch"],
    ["a place for the id that isn't there", ["--cidfile", "/nosuch/id", "base"], "/nosuch/id"],
    ["a hostname too long for the kernel", ["--hostname", "x".repeat(70), "base"], "too long"],
  ])("%s", (what, argv, words) => {
    const answer = md.call("run", "--rm", ...argv, ...(argv.at(-1) === "base" ? ["true"] : []));
    expectRefusal(answer, 125, what);
    expect(answer.stderr).toContain(words);
    expect(kept()).toEqual([]);
  });

  test.each([
    ["a command that isn't there", "nosuch", 127],
    ["a command of no name", "", 127],
    ["a command below a file", "/etc/hosts/x", 127],
    ["a folder for a command", "/etc", 126],
    ["a command that may not be executed", "/etc/hosts", 126],
  ])("%s", (what, command, code) => {
    expectRefusal(md.call("run", "--rm", "base", command), code, what);
    expect(kept()).toEqual([]);
  });
});

describe("a folder for everything that", () => {
  test("is none, or has no name", () => {
    const state = temporary();
    for (const root of ["/etc/passwd", "/etc/passwd/x", "/proc/nosuch", "/dev/null"]) {
      expectRefusal(withRoots(root, state, "run", "--rm", "base", "true"), 125, root);
    }
    expectRefusal(withRoots("", state, "ps"), 125, "no name");
    expectRefusal(withRoots(md.root, "/etc/passwd", "run", "--rm", "base", "true"), 125, "a state folder");
    expect(kept()).toEqual([]);
  });

  test("can't be written to", () => {
    const disk = temporary();
    spawnSync("mount", ["-t", "tmpfs", "disk", disk]);
    try {
      mkdirSync(join(disk, "state"), { mode: 0o700 });
      expect(withRoots(join(disk, "root"), join(disk, "state"), "run", "--rm", "base", "true").code).toBe(0);
      spawnSync("mount", ["-o", "remount,ro", disk]);
      for (const [root, state] of [
        [join(disk, "root"), md.state],
        [join(disk, "new"), md.state],
        [md.root, join(disk, "new")],
      ] as const) {
        const answer = withRoots(root, state, "run", "--rm", "base", "true");
        expectRefusal(answer, 125, root);
        expect(answer.stderr).toContain("read-only file system");
      }
      expect(withRoots(join(disk, "root"), join(disk, "state"), "ps", "-a").code).toBe(0);
      expect(kept()).toEqual([]);
    } finally {
      spawnSync("umount", [disk]);
    }
  });

  test("others can write to: they could answer in the place of a monitor", () => {
    const state = temporary();
    chmodSync(state, 0o777);
    const answer = withRoots(md.root, state, "run", "--rm", "base", "true");
    expectRefusal(answer, 125, "open to all");
    expect(answer.stderr).toContain("it is not yours alone");
    expect(kept()).toEqual([]);
  });

  test("is root's, when an ordinary user comes", needs("program:setpriv"), () => {
    for (const folder of [tmpdir(), join(md.root, "..")]) chmodSync(folder, 0o755);
    const words = ["--root", md.root, "--state", md.state];
    for (const [verb, code] of [
      [["run", "base", "true"], 125],
      [["ps", "-a"], 1],
    ] as const) {
      const user = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
      const answer = spawnSync("setpriv", [...user, "node", "--", PROGRAM, ...words, ...verb], { encoding: "utf8" });
      expectRefusal(said(answer), code, verb[0]);
      expect(answer.stderr).toContain("permission denied");
    }
  });
});

describe("a container whose", () => {
  const NONSENSE = ["", "{", "null", "[]", "42"];
  const VERBS = ["start", "inspect", "stop", "update --memory 50m", "diff", "exec"];

  test.each(["container.json", "state.json", "config.json"])(
    "%s can't be read is told of, and can be removed",
    (name) => {
      md.ok("create", "--name", "other", "base", "true");
      for (const [index, text] of NONSENSE.entries()) {
        const id = md.ok("create", "--name", "broken", "base", "true");
        writeFileSync(join(md.root, "containers", id, name), text);
        const verb = VERBS[index % VERBS.length]!.split(" ");
        const answer = md.call(...verb, "broken", ...(verb[0] === "exec" ? ["true"] : []));
        expect(answer.stderr, `${verb} ${text}`).not.toContain("this is a bug");
        expect(md.call("ps", "-a", "--format", "{{.Names}}").stdout.split("\n"), text).toContain("other");
        expect(md.ok("rm", "-f", "broken"), text).toBe("broken");
      }
      md.ok("rm", "other");
      expect(kept()).toEqual([]);
    },
  );

  test("config.json can't be read does nothing but be listed, stopped and removed", () => {
    const id = md.ok("create", "--name", "broken", "base", "true");
    writeFileSync(join(md.root, "containers", id, "config.json"), "{");
    for (const verb of [["start"], ["update", "--memory", "50m"], ["diff"]]) {
      const answer = md.call(...verb, "broken");
      expect([answer.code, answer.stderr], verb[0]).toEqual([1, expect.stringContaining("config.json is not what")]);
    }
    expect(md.ok("ps", "-a", "--format", "{{.Names}} {{.Command}}")).toBe('broken ""');
    md.ok("rm", "broken");
  });

  test("image has lost a layer says which", () => {
    const root = join(temporary(), "root");
    expect(withRoots(root, md.state, "create", "--name", "halved", "base", "true").code).toBe(0);
    rmSync(join(root, "layers"), { recursive: true });
    const answer = withRoots(root, md.state, "start", "halved");
    expectRefusal(answer, 1, "start");
    expect(answer.stderr).toContain("lacks a layer of its image: ");
    expect(withRoots(root, md.state, "rm", "halved").code).toBe(0);
  });
});

describe("an image store that", () => {
  test("has nonsense for a list says so, and doesn't hide the containers", () => {
    const root = join(temporary(), "root");
    withRoots(root, md.state, "create", "--name", "seen", "base", "true");
    for (const text of ["", "{", "null", "[]", '{"schemaVersion":2,"manifests":[{}]}']) {
      writeFileSync(join(root, "images/index.json"), text);
      expectRefusal(withRoots(root, md.state, "run", "--rm", "base", "true"), 125, text);
      const listed = withRoots(root, md.state, "ps", "-a", "--format", "{{.Names}}");
      expect(listed).toMatchObject({ code: 1, stdout: "seen\n" });
      expect(listed.stderr).toMatch(SENTENCE);
    }
  });

  test("has lost what an image is made of says so", () => {
    const root = join(temporary(), "root");
    withRoots(root, md.state, "run", "--rm", "base", "true");
    const blobs = join(root, "images/blobs/sha256");
    for (const name of readdirSync(blobs)) rmSync(join(blobs, name));
    const answer = withRoots(root, md.state, "run", "--rm", "base", "true");
    expectRefusal(answer, 125, "no blobs");
    expect(answer.stderr).toContain("the image store lacks sha256:");
  });
});
