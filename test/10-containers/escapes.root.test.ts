// Programs and images that mean harm, against the whole engine: each attack of the arena is a test. What it stands on is
// tested besides: that these attacks get out where nothing holds them.

import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { programPath } from "../../src/01-syscalls/index.ts";
import { ATTACKS, holdArena, type Score } from "../../src/10-containers/arena/arena.ts";
import { releaseAgent, setTheMachine } from "../../src/10-containers/arena/attacks/machine.ts";
import { SECRET } from "../../src/10-containers/arena/ground.ts";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();
const named = (scores: Score[]) => new Map(scores.map((score) => [score.name, score]));

describe("the arena holds", needs("speed"), () => {
  let scores: Map<string, Score>;

  beforeAll(async () => {
    // Ordinary users are to be kept out by the engine's own folder, and by nothing above it.
    for (const folder of [tmpdir(), join(md.root, "..")]) chmodSync(folder, 0o711);
    scores = named(await holdArena(md, {}));
  }, 300_000);

  test.each(ATTACKS)("$name", ({ name }) => {
    expect(scores.get(name)).toMatchObject({ outcome: "held" });
  });

  test("and says nothing was won where a lesser engine might call it enough", () => {
    const evidence = (part: string) => [...scores.values()].find(({ name }) => name.includes(part))!.evidence;
    expect(evidence("overwrite the program")).toMatch(/the attacker got nothing$/);
    expect(evidence("lead out of its folder")).toMatch(/^of 5 such images 5 were refused/);
  });
});

test("the arena holds on either version of cgroups", async () => {
  const scores = await holdArena(md, { attacks: [setTheMachine, releaseAgent] });
  expect(scores.map(({ outcome }) => outcome)).not.toContain("escaped");
  expect(scores.map(({ outcome }) => outcome)).not.toContain("not performed");
});

describe("where nothing holds them", needs("speed"), () => {
  test("attacks get out: with all rings off, or just one", async () => {
    const attacks = ATTACKS.filter(({ name }) => /^(set the|read what|read the keys)/.test(name));
    const wonWithout = async (ring: "all" | "masks") => {
      const scores = await holdArena(md, { attacks, without: [ring] });
      return scores
        .filter(({ outcome }) => outcome === "escaped")
        .map(({ name }) => name.split(" ").slice(0, 3).join(" "));
    };
    expect(await wonWithout("all")).toEqual(["set the machine", "read what the", "read the keys"]);
    expect(await wonWithout("masks")).toEqual(["set the machine", "read what the"]);
  });

  test("a chroot alone is left", () => {
    const folder = mkdtempSync(join(tmpdir(), "host-"));
    writeFileSync(join(folder, "secret"), SECRET);
    mkdirSync(join(folder, "root/tmp"), { recursive: true });
    copyFileSync(programPath("attacker"), join(folder, "root/attacker"));
    const { stdout } = spawnSync("chroot", [join(folder, "root"), "/attacker", "break-out", join(folder, "secret")]);
    expect(String(stdout)).toBe(`${SECRET}\n`);
  });
});

test("an attack that wasn't performed has no verdict", async () => {
  const attack = { name: "trip", perform: () => Promise.reject(new Error("stumbled")) };
  const [score] = await holdArena(md, { attacks: [attack] });
  expect(score).toEqual({ name: "trip", outcome: "not performed", evidence: "stumbled" });
});

test("another runtime is attacked with the same containers", needs("program:crun", "speed"), async () => {
  const { code, stdout } = md.call("arena", "--runtime", "no-such-runtime");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  const attacks = ATTACKS.filter(({ name }) => /^(leave by chroot|leave a set)/.test(name));
  const scores = await holdArena(md, { runtime: "crun", attacks });
  expect(scores.map(({ outcome }) => outcome)).toEqual(["held", "not applicable"]);
});

test("what is mounted in a volume doesn't appear on the host, unless the volume was shared", () => {
  const folder = mkdtempSync(join(tmpdir(), "host-"));
  const volume = join(folder, "volume");
  mkdirSync(join(volume, "on"), { recursive: true });
  spawnSync("mount", ["--bind", volume, volume]);
  spawnSync("mount", ["--make-shared", volume]);
  try {
    const isSeen = (propagation: string) => {
      const mayMount = ["--cap-add", "SYS_ADMIN", "--security-opt", "seccomp=unconfined"];
      const mount = "mount -t tmpfs t /v/on && touch /v/on/file && cat";
      const flags = ["-d", "-i", ...mayMount, "-v", `${volume}:/v${propagation}`];
      const container = md.ok("run", ...flags, "base", "sh", "-c", mount);
      while (md.call("exec", container, "test", "-e", "/v/on/file").code !== 0) md.ok("inspect", container);
      const seen = readdirSync(join(volume, "on"));
      md.ok("rm", "-f", container);
      return seen;
    };
    expect(isSeen("")).toEqual([]);
    expect(isSeen(":rslave")).toEqual([]);
    expect(isSeen(":rshared")).toEqual(["file"]);
  } finally {
    spawnSync("umount", ["-R", volume]);
  }
});

test("what a container has in /dev/shm is there for who shares it", () => {
  md.ok("run", "-d", "--name", "honest", "base", "sh", "-c", "echo shared >/dev/shm/x; sleep 1000");
  while (md.call("exec", "honest", "test", "-s", "/dev/shm/x").code !== 0) md.ok("inspect", "honest");
  expect(md.ok("run", "--rm", "--ipc", "container:honest", "base", "cat", "/dev/shm/x")).toBe("shared");
  md.ok("rm", "-f", "honest");
});
