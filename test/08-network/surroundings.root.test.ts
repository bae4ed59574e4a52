// What a container sees of the networks its host is on, and what it has of them when they change.

import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";
import { fetchFrom, type Host, makeHost, telling } from "./hosts.ts";

const md = cliForTests();
const NEEDS = needs("root", "speed", "program:ip", "program:nsenter", "program:busybox");
const METADATA = "169.254.169.254";
const ip = (...args: string[]) => execFileSync("ip", args);

describe("the network that the host is on", NEEDS, () => {
  let outside: Host;

  beforeAll(async () => {
    outside = await makeHost("up0", "10.78.0.1/24", "10.78.0.2/24");
    outside.run("ip", "addr", "add", `${METADATA}/32`, "dev", "eth0");
    outside.run("ip", "route", "add", "default", "via", "10.78.0.1");
    ip("route", "add", METADATA, "dev", "up0");
    md.ok("run", "-d", "--name", "web", "--network", "bridge", "-p", "8080:80", "base", ...telling("hello"));
  });
  afterAll(async () => {
    md.call("rm", "-f", "web");
    await outside.close();
  });

  const fromContainer = (address: string) =>
    md.call("exec", "web", "sh", "-c", `ping -c 1 -w 2 ${address} > /dev/null && echo reached`).stdout;

  test("has machines, but the addresses of its links alone are the host's: what a cloud tells it, it tells nobody else", () => {
    expect(fromContainer("10.78.0.2")).toBe("reached\n");
    expect(`${execFileSync("busybox", ["ping", "-c", "1", "-w", "2", METADATA])}`).toContain("1 packets received");
    expect(fromContainer(METADATA)).toBe("");
  });

  test("may give the host another address: ways in and out go on", () => {
    ip("addr", "add", "10.79.0.1/24", "dev", "up0");
    ip("addr", "del", "10.78.0.1/24", "dev", "up0");
    outside.run("ip", "addr", "flush", "dev", "eth0");
    outside.run("ip", "addr", "add", "10.79.0.2/24", "dev", "eth0");
    expect(fetchFrom(outside, "10.79.0.1", 8080)).toBe("hello");
    expect(fromContainer("10.79.0.2")).toBe("reached\n");
  });
});
