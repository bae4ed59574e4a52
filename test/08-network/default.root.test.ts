import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { whileChanging } from "../../src/08-network/index.ts";
import { cliForTests, PROGRAM } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();
const NEEDS = needs("root", "speed", "program:nft", "program:ip");

/** As somebody calls it whose environment says nothing of networks. */
const { MINI_DOCKER_NETWORK: _, ...env } = process.env;
const call = (...argv: string[]) => md.callWith({ env }, ...argv);
const LINKS = ["base", "sh", "-c", "ls /sys/class/net"];

describe("who names no network", NEEDS, () => {
  test("is on the bridge, and so is who names the default", () => {
    expect(call("run", "--rm", ...LINKS).stdout).toBe("eth0\nlo\n");
    expect(call("run", "--rm", "--network", "default", ...LINKS).stdout).toBe("eth0\nlo\n");
    const { stdout: id } = call("create", "base", "true");
    expect(md.ok("inspect", "-f", "{{.HostConfig.NetworkMode}}", id.trim())).toBe("bridge");
  });

  test("is where the environment says", () => {
    const said = (network: string) =>
      md.callWith({ env: { ...env, MINI_DOCKER_NETWORK: network } }, "run", "--rm", ...LINKS);
    expect(said("none").stdout).toBe("lo\n");
    expect(said("host").stdout).toBe(`${execFileSync("ls", ["/sys/class/net"])}`);
    expect(said("nowhere").stderr).toContain("network nowhere not found");
  });

  test("is alone if he is root of some users only", () => {
    const words = ["--user", "--map-root-user", process.execPath, PROGRAM, ...md.roots, "run", "--dry-run", "base"];
    const { status, stdout } = spawnSync("unshare", words, { encoding: "utf8", env });
    expect([status, stdout]).toEqual([0, expect.not.stringContaining("RTM_NEWLINK")]);
    expect(call("run", "--dry-run", "base").stdout).toContain("RTM_NEWLINK");
  });
});

describe("where the machine can't have a bridge", NEEDS, () => {
  /** Its kernel hands nothing on, and that can't be changed: so it is within another engine's container. */
  const SETTING = "/proc/sys/net/ipv4/ip_forward";
  const before = readFileSync(SETTING, "latin1");
  afterAll(() => writeFileSync(SETTING, before));
  const SEALED = `echo 0 > ${SETTING}; mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys; exec "$@"`;
  const there = (...argv: string[]) => {
    const words = ["--mount", "sh", "-c", SEALED, "sh", process.execPath, PROGRAM, ...md.roots, ...argv];
    return spawnSync("unshare", words, { encoding: "utf8", env });
  };

  test("a container starts all the same, and that it is alone is said once", () => {
    const { status, stdout, stderr } = there("run", "--rm", ...LINKS);
    expect([status, stdout]).toEqual([0, "lo\n"]);
    expect(stderr).toMatch(
      /^WARNING: this machine can't have the network bridge, so the container is alone .*\/proc\/sys\/net\/.*\n$/,
    );
    expect(there("run", "--rm", ...LINKS)).toMatchObject({ status: 0, stdout: "lo\n", stderr: "" });
  });

  test("who asks for it, or for a port of it, is refused", () => {
    for (const asked of [["--network", "bridge"], ["-p", "8080:80"], ["-P"]]) {
      const { status, stderr } = there("run", "--rm", ...asked, "base", "true");
      expect([status, stderr], asked.join(" ")).toEqual([
        125,
        expect.stringContaining("can't have the network bridge"),
      ]);
    }
  });

  test("and so is who was plugged into another one since", () => {
    md.ok("network", "create", "lane");
    there("create", "--name", "late", "base", "true");
    md.ok("network", "connect", "lane", "late");
    const { status, stderr } = there("start", "late");
    expect([status, stderr]).toEqual([1, expect.stringContaining("can't have the network bridge, lane")]);
    md.ok("rm", "late");
    md.ok("network", "rm", "lane");
  });

  test("and nothing stays of the attempts", () => {
    there("run", "--rm", ...LINKS);
    whileChanging(md.root, () => {});
    expect(`${execFileSync("ip", ["-o", "link"])}`).not.toMatch(/mini-docker0|veth/);
    expect(`${execFileSync("nft", ["list", "ruleset"])}`).toBe("");
  });
});
