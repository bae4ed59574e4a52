import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { whileChanging } from "../../src/08-network/index.ts";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";
import { fetchFrom, type Host, makeHost, telling } from "./hosts.ts";

const md = cliForTests();
const MANY = 6;
const NEEDS = needs("root", "speed", "program:nft", "program:ip", "program:nsenter");

/** Our links, rules and settings; empty when there is nothing of ours. Who asks next finds that gone which was to go. */
function onHost(): string {
  whileChanging(md.root, () => {});
  const links = execFileSync("ip", ["-o", "link"], { encoding: "utf8" }).match(/mini-docker0|md-\w+|veth\w{8}/g) ?? [];
  const rules = execFileSync("nft", ["list", "ruleset"], { encoding: "utf8" });
  return `${links.join(" ")}${rules}`;
}

const forwarding = () => execFileSync("cat", ["/proc/sys/net/ipv4/ip_forward"], { encoding: "utf8" }).trim();
const addressOf = (name: string) => md.ok("inspect", "-f", "{{.NetworkSettings.IPAddress}}", name);

describe("on the bridge", NEEDS, () => {
  let outside: Host;

  beforeAll(async () => {
    outside = await makeHost("up0", "10.77.0.1/24", "10.77.0.2/24");
  });
  afterAll(() => outside.close());

  test("a container has an address, a name for it, and a way out; afterwards nothing is left", () => {
    const before = forwarding();
    const script = "ip -4 -o addr show eth0; ip route; hostname; tail -1 /etc/hosts; cat /proc/net/if_inet6";
    const said = md.ok("run", "--rm", "--network", "bridge", "-h", "box", "base", "sh", "-c", script);
    expect(said).toMatch(/inet (172\.\d+\.0)\.2\/16 .*\ndefault via \1\.1 dev eth0 \n.*\nbox\n\1\.2\tbox\n/);
    expect(said).not.toContain("eth0\n00000000");
    expect(said.split("\n").filter((line) => line.endsWith("eth0") && line.startsWith("fe80"))).toEqual([]);
    expect(onHost()).toBe("");
    expect(forwarding()).toBe(before);
  });

  describe("published ports", () => {
    beforeAll(() => {
      const ports = ["-p", "8080:80", "-p", "127.0.0.1:8081:80", "-p", "10.77.0.1:8082:80", "-p", "9000:9000/udp"];
      md.ok("run", "-d", "--name", "web", "--network", "bridge", ...ports, "base", ...telling("hello"));
    });
    afterAll(() => void md.call("rm", "-f", "web"));

    test("answer on loopback, to another host, and to another container", () => {
      expect(fetchFrom(undefined, "127.0.0.1", 8080)).toBe("hello");
      expect(fetchFrom(undefined, "127.0.0.1", 8081)).toBe("hello");
      expect(fetchFrom(outside, "10.77.0.1", 8080)).toBe("hello");
      expect(fetchFrom(outside, "10.77.0.1", 8082)).toBe("hello");
      const gateway = md.ok("inspect", "-f", "{{.NetworkSettings.Gateway}}", "web");
      const script = `nc -w 3 ${addressOf("web")} 80; sleep .2; nc -w 3 ${gateway} 8080`;
      expect(md.ok("run", "--rm", "--network", "bridge", "base", "sh", "-c", script)).toBe("hello\nhello");
    });

    test("answer nobody they aren't for", () => {
      expect(fetchFrom(outside, "10.77.0.1", 8081)).toBe("ECONNREFUSED");
      expect(fetchFrom(undefined, "127.0.0.1", 8082)).toBe("ECONNREFUSED");
    });

    test("and what isn't published answers no other host, even if that knows the way", () => {
      outside.run("ip", "route", "add", "172.16.0.0/12", "via", "10.77.0.1");
      expect(fetchFrom(outside, addressOf("web"), 80)).toBe("");
      // CVE-2020-8558: nor does it reach what listens on the host's own loopback, here or on any link.
      outside.run("ip", "route", "add", "127.0.0.1/32", "via", "10.77.0.1", "src", "10.77.0.2", "table", "local");
      expect(fetchFrom(outside, "127.0.0.1", 8081)).not.toBe("hello");
    });

    test("are shown as Docker shows them", () => {
      expect(md.ok("port", "web").split("\n")).toEqual([
        "80/tcp -> 0.0.0.0:8080",
        "80/tcp -> 127.0.0.1:8081",
        "80/tcp -> 10.77.0.1:8082",
        "9000/udp -> 0.0.0.0:9000",
      ]);
      expect(md.ok("port", "web", "9000/udp")).toBe("0.0.0.0:9000");
      expect(md.call("port", "web", "81").stderr).toContain("no public port '81' published for web");
      expect(md.ok("ps", "--format", "{{.Ports}}")).toContain("0.0.0.0:8080->80/tcp");
      const [shown] = JSON.parse(md.ok("inspect", "web")) as [{ NetworkSettings: Record<string, object> }];
      expect(shown.NetworkSettings.Ports).toMatchObject({ "9000/udp": [{ HostIp: "0.0.0.0", HostPort: "9000" }] });
    });

    test("and all rules are what nft makes of them", () => {
      const shown = execFileSync("nft", ["list", "table", "ip", "mini-docker"], { encoding: "utf8" });
      const [mark, ...meant] = readFileSync(`${md.state}/networks/ip-rules`, "utf8").split("\n");
      const lines = (text: string) =>
        text
          .split("\n")
          .map((line) => line.trim())
          .filter(Boolean);
      expect(lines(shown)).toEqual(["table ip mini-docker {", `comment "${mark}"`, ...lines(meant.join("\n")), "}"]);
      expect(meant.join("\n")).toContain("dnat to");
    });

    test("belong to one: a second container is refused, and so is a server on the host", async () => {
      const { code, stderr } = md.call("run", "--rm", "--network", "bridge", "-p", "8080:1", "base", "true");
      expect(code).toBe(125);
      expect(stderr).toContain("Bind for 0.0.0.0:8080 failed: port is already allocated");
      const server = createServer();
      const refused = new Promise((resolve) => server.once("error", ({ message }: Error) => resolve(message)));
      server.listen(8080);
      expect(await refused).toContain("EADDRINUSE");
    });
  });

  test("-P gives each port of the image one of the host's, and a range is as many", () => {
    md.ok("run", "-d", "--name", "many", "--network", "bridge", "--expose", "70-71", "-P", "base", ...telling("x", 71));
    const ports = md.ok("port", "many").split("\n");
    expect(ports.map((line) => line.replace(/\d+$/, "N"))).toEqual(["70/tcp -> 0.0.0.0:N", "71/tcp -> 0.0.0.0:N"]);
    expect(fetchFrom(undefined, "127.0.0.1", Number(ports[1]!.split(":")[1]))).toBe("x");
    md.ok("rm", "-f", "many");
  });

  test("it can be killed at any time, restarted, and has its ports again", () => {
    md.ok("run", "-d", "--name", "web", "--network", "bridge", "-p", "8080:80", "base", ...telling("again"));
    const pids = md.ok("inspect", "-f", "{{.State.Pid}}", "web");
    const monitor = execFileSync("ps", ["-o", "ppid=", "-p", pids], { encoding: "utf8" }).trim();
    for (const pid of [monitor, pids]) process.kill(Number(pid), "SIGKILL");
    expect(md.ok("ps", "-a", "--format", "{{.Status}}")).toContain("Exited");
    expect(onHost()).toBe("");
    md.ok("start", "web");
    expect(fetchFrom(undefined, "127.0.0.1", 8080)).toBe("again");
    md.ok("restart", "-t", "0", "web");
    expect(fetchFrom(undefined, "127.0.0.1", 8080)).toBe("again");
    md.ok("rm", "-f", "web");
    expect(onHost()).toBe("");
  });

  test("rules that were flushed, and a bridge that was taken away, are there again with the next container", () => {
    md.ok("run", "-d", "--name", "web", "--network", "bridge", "-p", "8080:80", "base", ...telling("still"));
    execFileSync("nft", ["flush", "ruleset"]);
    execFileSync("ip", ["link", "del", "mini-docker0"]);
    md.ok("run", "--rm", "--network", "bridge", "base", "true");
    expect(fetchFrom(undefined, "127.0.0.1", 8080)).toBe("still");
    md.ok("rm", "-f", "web");
  });

  test("a firewall that lets nothing cross is said, and left as it is", () => {
    execFileSync("nft", ["add", "table", "inet", "wall"]);
    execFileSync("nft", ["add chain inet wall through { type filter hook forward priority 0; policy drop; }"]);
    const before = execFileSync("nft", ["list", "table", "inet", "wall"], { encoding: "utf8" });
    const { code, stderr } = md.call("run", "--rm", "--network", "bridge", "base", "true");
    expect([code, stderr]).toEqual([0, expect.stringContaining("drops what crosses it (chain wall through)")]);
    expect(execFileSync("nft", ["list", "table", "inet", "wall"], { encoding: "utf8" })).toBe(before);
    execFileSync("nft", ["delete", "table", "inet", "wall"]);
    expect(md.call("run", "--rm", "--network", "bridge", "base", "true").stderr).toBe("");
  });

  test("many at once have as many addresses", async () => {
    const script = `for i in $(seq ${MANY}); do "$@" & done; wait`;
    const run = [
      "node",
      "--",
      "dist/mini-docker.js",
      ...md.roots,
      "run",
      "-d",
      "--network",
      "bridge",
      "base",
      "sleep",
      "60",
    ];
    const { status } = spawnSync("sh", ["-c", script, "sh", ...run], { encoding: "utf8" });
    expect(status).toBe(0);
    const ids = md.ok("ps", "-q").split("\n");
    const addresses = md.ok("inspect", "-f", "{{.NetworkSettings.IPAddress}}", ...ids).split("\n");
    expect(new Set(addresses).size).toBe(MANY);
    md.ok("rm", "-f", ...ids);
    expect(onHost()).toBe("");
  });

  test("no program of the host's is needed", () => {
    const env = { ...process.env, PATH: "/nowhere" };
    const words = ["--", "dist/mini-docker.js", ...md.roots, "run", "--rm", "--network", "bridge", "base", "true"];
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: "utf8", env });
    expect([status, stderr]).toEqual([0, ""]);
    expect(onHost()).toBe("");
  });
});
