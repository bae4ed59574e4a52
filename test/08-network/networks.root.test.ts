import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";
import { fetchFrom, type Host, makeHost, telling } from "./hosts.ts";

const md = cliForTests();
const NEEDS = needs("root", "speed", "program:nft", "program:ip", "program:nsenter");

const links = () => execFileSync("ip", ["-o", "link"], { encoding: "utf8" });
const inside = (name: string, script: string) => md.call("exec", name, "sh", "-c", script).stdout.trim();
/** What is told on port 80 of whoever has this name, or this address. */
const ask = (name: string, whom: string) => inside(name, `nc -w 2 ${whom} 80 2>&1`);
const addressOn = (network: string, name: string) =>
  md.ok("inspect", "-f", `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`, name);

describe("networks of one's own", NEEDS, () => {
  beforeAll(() => {
    md.ok("network", "create", "--subnet", "10.71.0.0/24", "--ip-range", "10.71.0.64/26", "--label", "a=b", "front");
    md.ok("network", "create", "--internal", "back");
    const web = [
      "--network",
      "front",
      "--network-alias",
      "shop",
      "--ip",
      "10.71.0.9",
      "--mac-address",
      "02:42:00:00:00:09",
    ];
    md.ok("run", "-d", "--name", "web", ...web, "base", ...telling("web"));
    md.ok("run", "-d", "--name", "db", "--network", "back", "base", ...telling("db"));
    md.ok("run", "-d", "--name", "both", "--network", "front", "--network", "back", "base", ...telling("both"));
  });

  afterAll(() => {
    md.ok("rm", "-f", "web", "db", "both");
    const pruned = md.ok("network", "prune", "-f").split("\n").filter(Boolean);
    expect(pruned.sort()).toEqual(["Deleted Networks:", "back", "front"]);
    expect(links()).not.toMatch(/md-|veth\w{8}/);
  });

  test("are listed and inspected as Docker does it", () => {
    expect(md.ok("network", "ls", "--format", "{{.Name}} {{.Driver}} {{.Internal}}").split("\n")).toEqual([
      "back bridge true",
      "bridge bridge false",
      "front bridge false",
      "host host false",
      "none null false",
    ]);
    expect(md.ok("network", "ls", "-f", "label=a", "-f", "type=custom", "--format", "{{.Name}}")).toBe("front");
    const [front] = JSON.parse(md.ok("network", "inspect", "front")) as [Record<string, unknown>];
    const pool = { Subnet: "10.71.0.0/24", IPRange: "10.71.0.64/26", Gateway: "10.71.0.1" };
    expect(front).toMatchObject({ Name: "front", IPAM: { Config: [pool] }, Labels: { a: "b" } });
    const containers = Object.values(front.Containers as Record<string, Record<string, string>>);
    expect(containers.map(({ Name, IPv4Address }) => `${Name} ${IPv4Address}`).sort()).toEqual([
      "both 10.71.0.64/24",
      "web 10.71.0.9/24",
    ]);
  });

  test("an address and a MAC may be asked for", () => {
    expect(inside("web", "cat /sys/class/net/eth0/address; hostname -i")).toBe("02:42:00:00:00:09\n10.71.0.9");
    const taken = md.call("run", "--rm", "--network", "front", "--ip", "10.71.0.9", "base", "true");
    expect(taken.stderr).toContain("Address already in use");
  });

  test("who is on the same network is found by name and alias, and nobody else is", () => {
    expect(ask("both", "web")).toBe("web");
    expect(ask("both", "shop")).toBe("web");
    expect(ask("db", "both")).toBe("both");
    expect(ask("db", "web")).toContain("bad address");
  });

  test("what stays on a bridge isn't remembered, where the firewall sees it at all", needs("brnetfilter"), () => {
    const nft = (...words: string[]) => execFileSync("nft", words, { encoding: "utf8" });
    nft("add table ip probe; add chain ip probe seen { type filter hook forward priority 1; }");
    onTestFinished(() => void nft("delete table ip probe"));
    nft("add rule ip probe seen tcp dport 80 ct state untracked counter; add rule ip probe seen tcp dport 80 counter");
    const counted = () =>
      [...nft("list table ip probe").matchAll(/counter packets (\d+)/g)].map(([, count]) => +count!);
    expect(ask("both", "web")).toBe("web");
    const [untracked = 0, all = 0] = counted();
    expect(untracked).toBeGreaterThan(2);
    expect(all).toBe(untracked);
  });

  test("no way leads from one to the other, nor out of an internal one", () => {
    expect(ask("db", "10.71.0.9")).toContain("unreachable");
    // Even for who makes himself one.
    const out = addressOn("back", "db").replace(/\d+$/, "1");
    md.ok("run", "-d", "--name", "sly", "--network", "back", "--cap-add", "NET_ADMIN", "base", "sleep", "60");
    expect(inside("sly", `ip route add default via ${out}; nc -w 2 10.71.0.9 80; echo $?`)).toBe("1");
    md.ok("rm", "-f", "sly");
    expect(ask("web", addressOn("back", "db"))).not.toBe("db");
  });

  test("a container is plugged in and pulled out while it runs, and keeps the way out", () => {
    md.ok("network", "connect", "--alias", "store", "front", "db");
    expect(ask("web", "store")).toBe("db");
    expect(ask("db", "shop")).toBe("web");
    expect(inside("db", "ip route")).toContain("default via 10.71.0.1 dev eth1");
    expect(md.call("network", "connect", "front", "db").stderr).toContain("endpoint with name db already exists");
    md.ok("network", "disconnect", "front", "db");
    expect(ask("web", "store")).not.toBe("db");
    expect(inside("db", "ls /sys/class/net")).toBe("eth0\nlo");
    expect(md.call("network", "disconnect", "front", "db").stderr).toContain("is not connected to network front");
  });

  test("one that somebody is on can't be removed, nor can those that are always there", () => {
    expect(md.call("network", "rm", "front").stderr).toContain("has active endpoints");
    expect(md.call("network", "rm", "bridge").stderr).toContain("is a pre-defined network and cannot be removed");
    expect(md.call("network", "rm", "nosuch").stderr).toContain("network nosuch not found");
    expect(md.call("run", "--rm", "--network", "nosuch", "base", "true").stderr).toContain("network nosuch not found");
  });

  test("what is renamed is found by its new name", () => {
    md.ok("rename", "web", "site");
    expect(ask("both", "site")).toBe("web");
    expect(ask("both", "web")).not.toBe("web");
    md.ok("rename", "site", "web");
  });

  test("are drawn with all that is plugged in, and the packets that went through", () => {
    const shown = md.ok("network", "show");
    expect(shown).toMatch(/^this host\n├─ md-\w+ 172\.\d+\.0\.1\/16 {2}back, no way out\n│ {2}/m);
    expect(shown).toMatch(/└─ md-\w+ 10\.71\.0\.1\/24 {2}front, out under the host's address\n/);
    expect(shown).toMatch(/ {3}[├└]─ veth0a470009 ══ eth0 10\.71\.0\.9 {2}web {2}\d+ in, \d+ out\n?/);
    const packets = (text: string) => Number(/10\.71\.0\.9 {2}web {2}(\d+) in/.exec(text)?.[1]);
    ask("both", "web");
    expect(packets(md.ok("network", "show"))).toBeGreaterThan(packets(shown));
  });

  test("with users of its own a container has a network like any other", () => {
    const words = ["run", "--rm", "--userns", "auto", "--network", "front", "base", "sh", "-c", "nc -w 2 web 80"];
    expect(md.ok(...words)).toBe("web");
  });
});

/** A name server, as a program: every name has one address, `long.*` by TCP only, `silent.*` none at all. */
const UPSTREAM = `const { createSocket } = require("dgram");
  const { createServer } = require("net");
  const answer = (asked, isStream) => {
    const end = asked.indexOf(0, 12) + 5;
    const name = asked.toString("latin1", 13, 13 + asked[12]);
    if (name === "silent") return undefined;
    const isCut = name === "long" && !isStream;
    const head = Buffer.from(asked.subarray(0, end));
    head.writeUInt16BE(isCut ? 0x8380 : 0x8180, 2);
    head.fill(0, 6, 12);
    head.writeUInt16BE(isCut ? 0 : 1, 6);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, isStream ? 2 : 1]);
    return isCut ? head : Buffer.concat([head, record]);
  };
  const udp = createSocket("udp4", (asked, { port, address }) => {
    const said = answer(asked, false);
    if (said) udp.send(said, port, address);
  }).bind(53);
  createServer((stream) => stream.on("data", (asked) => {
    const said = answer(asked.subarray(2), true);
    stream.write(Buffer.concat([Buffer.from([0, said.length]), said]));
  })).listen(53, () => console.log("listening"));`;

/** The addresses that a program inside is told of, or what it says instead. */
const lookUp = (name: string, whom: string, flags = "") => {
  const said = inside(name, `nslookup ${flags} ${whom} 2>&1`);
  const found = said
    .split("\n\n")
    .slice(1)
    .join("\n")
    .match(/(?<=Address: ?).*/g);
  return found?.map((address) => address.trim()).join(" ") ?? said;
};

const ASK = `const resolver = new (require("dns").Resolver)({ timeout: 8000, tries: 1 });
  resolver.setServers(["127.0.0.11"]);
  resolver.resolve4(process.argv[1], (error, found) => console.log(error ? error.code : found.join(" ")));`;

/** The same for a program that asks again by TCP where it is told to, and says of what kind an error is. */
const resolve4 = (name: string, whom: string) => {
  const pid = md.ok("inspect", "-f", "{{.State.Pid}}", name);
  return execFileSync("nsenter", ["-t", pid, "-n", "node", "-e", ASK, whom], { encoding: "utf8" }).trim();
};

describe("names", NEEDS, () => {
  let outside: Host;
  let upstream: ChildProcess;
  beforeAll(async () => {
    outside = await makeHost("up1", "10.79.0.1/24", "10.79.0.2/24");
    upstream = spawn("nsenter", ["-t", String(outside.pid), "-n", "node", "-e", UPSTREAM]);
    await once(upstream.stdout!, "data");
    md.ok("network", "create", "--subnet", "10.72.0.0/24", "lane");
    md.ok("network", "create", "--internal", "--subnet", "10.73.0.0/24", "cellar");
    const dns = ["--dns", "10.79.0.2"];
    const alias = ["--network-alias", "Shop"];
    md.ok("run", "-d", "--name", "web", "--network", "lane", ...alias, ...dns, "base", ...telling("mine", 53));
    md.ok("run", "-d", "--name", "twin", "--network", "lane", ...alias, ...dns, "base", "sleep", "600");
    md.ok("run", "-d", "--name", "deep", "--network", "cellar", ...dns, "base", "sleep", "600");
  });
  afterAll(async () => {
    md.ok("rm", "-f", "web", "twin", "deep");
    md.ok("network", "rm", "lane", "cellar");
    upstream.kill("SIGKILL");
    await outside.close();
    // Once nobody asks any more, nobody answers.
    while (resolvers().length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  /** Processes that answer. */
  const resolvers = () => {
    const found = spawnSync("pgrep", ["-f", `${md.state} internal resolver$`], { encoding: "utf8" });
    return found.stdout.split("\n").filter(Boolean).map(Number);
  };

  test("are asked for at 127.0.0.11, and one process answers all", () => {
    expect(inside("web", "cat /etc/resolv.conf")).toMatch(/^nameserver 127\.0\.0\.11\n(search .*\n)?options .*ndots:0/);
    expect(lookUp("twin", "web")).toBe("10.72.0.2");
    expect(lookUp("twin", "web.lane")).toBe("10.72.0.2");
    expect(lookUp("twin", "shop").split(" ").sort()).toEqual(["10.72.0.2", "10.72.0.3"]);
    expect(inside("twin", "nslookup 10.72.0.2")).toContain("name = web.lane");
    expect(resolvers().length).toBe(1);
  });

  test("that aren't ours are asked for elsewhere, by datagram or, where that is too short, by stream", () => {
    expect(resolve4("twin", "far.example")).toBe("192.0.2.1");
    expect(resolve4("twin", "long.example")).toBe("192.0.2.2");
  });

  test("of which nobody knows anything are said not to be known before a program gives up", () => {
    expect(resolve4("twin", "silent.example")).toBe("ESERVFAIL");
    expect(resolve4("deep", "far.example")).toBe("ENOTFOUND");
    // There is nobody at this address.
    md.ok("run", "-d", "--name", "lost", "--network", "lane", "--dns", "10.79.0.9", "base", "sleep", "600");
    onTestFinished(() => void md.ok("rm", "-f", "lost"));
    expect(resolve4("lost", "far.example")).toBe("ESERVFAIL");
    expect(resolve4("lost", "web")).toBe("10.72.0.2");
  });

  test("leave port 53 to the container's own programs", () => {
    expect(inside("twin", "nc -w 2 web 53")).toBe("mine");
  });

  test("are asked for in vain while nobody answers, and the next command makes up for it", async () => {
    const [pid] = resolvers();
    process.kill(pid!, "SIGKILL");
    await expect.poll(resolvers).toEqual([]);
    const asking = md.begin("exec", "twin", "nslookup", "-type=a", "web");
    let said = "";
    asking.stdout.on("data", (bytes) => {
      said += bytes;
    });
    md.ok("ps");
    await once(asking, "close");
    expect(said).toContain("10.72.0.2");
    expect(resolvers().length).toBe(1);
  });

  test("are there once a container of the default network comes to one with names", () => {
    md.ok("run", "-d", "--name", "late", "--network", "bridge", "base", "sleep", "600");
    onTestFinished(() => void md.ok("rm", "-f", "late"));
    expect(inside("late", "cat /etc/resolv.conf")).not.toContain("127.0.0.11");
    md.ok("network", "connect", "lane", "late");
    expect(lookUp("late", "web")).toBe("10.72.0.2");
    expect(lookUp("web", "late")).toBe("10.72.0.4");
    md.ok("network", "disconnect", "lane", "late");
    expect(lookUp("web", "late", "-type=a")).not.toContain("10.72.0.4");
  });
});

describe("a network with IPv6", NEEDS, () => {
  let outside: Host;
  const forwarding = () => readFileSync("/proc/sys/net/ipv6/conf/all/forwarding", "utf8").trim();
  const tables = () => execFileSync("nft", ["list", "tables"], { encoding: "utf8" });

  beforeAll(async () => {
    outside = await makeHost("up2", "10.76.0.1/24", "10.76.0.2/24");
    execFileSync("ip", ["-6", "addr", "add", "fd00:76::1/64", "dev", "up2", "nodad"]);
    outside.run("ip", "-6", "addr", "add", "fd00:76::2/64", "dev", "eth0", "nodad");
    md.ok("network", "create", "--subnet", "10.74.0.0/24", "--subnet", "fd00:74::/64", "--ipv6", "six");
    md.ok("run", "-d", "--name", "web", "--network", "six", "-p", "8080:80", "base", ...telling("six"));
    md.ok("run", "-d", "--name", "late", "--network", "bridge", "base", "sleep", "600");
  });
  afterAll(async () => {
    md.ok("rm", "-f", "web", "late");
    md.ok("network", "rm", "six");
    expect([forwarding(), tables()]).toEqual(["0", ""]);
    await outside.close();
  });

  test("gives each container an address of both families, and a way out in both", () => {
    md.ok("network", "connect", "six", "late");
    expect(inside("late", "ip -6 addr show eth1")).toContain("inet6 fd00:74::a4a:3/64 scope global");
    expect(inside("late", "ip -6 route")).toContain("default via fd00:74::a4a:1 dev eth1");
    expect(md.call("exec", "late", "ping", "-6", "-c", "1", "-W", "5", "fd00:76::2").code).toBe(0);
    expect(lookUp("late", "web", "-type=aaaa")).toBe("fd00:74::a4a:2");
    expect(inside("late", "nslookup fd00:74::a4a:2")).toContain("name = web.six");
    expect(inside("late", "nc -w 5 fd00:74::a4a:2 80")).toBe("six");
    const [shown] = JSON.parse(md.ok("network", "inspect", "six")) as [{ EnableIPv6: boolean; IPAM: object }];
    expect(shown).toMatchObject({ EnableIPv6: true, IPAM: { Config: [{}, { Gateway: "fd00:74::a4a:1" }] } });
  });

  test("has its published ports on :: as well, and nothing else", () => {
    expect(md.ok("port", "web").split("\n")).toEqual(["80/tcp -> 0.0.0.0:8080", "80/tcp -> [::]:8080"]);
    expect(fetchFrom(outside, "fd00:76::1", 8080)).toBe("six");
    expect(fetchFrom(outside, "10.76.0.1", 8080)).toBe("six");
    outside.run("ip", "-6", "route", "add", "fd00:74::/64", "via", "fd00:76::1");
    expect(fetchFrom(outside, "fd00:74::a4a:2", 80)).toBe("");
    const refused = md.call("run", "--rm", "--network", "bridge", "-p", "[fd00:76::1]:81:81", "base", "true");
    expect(refused.stderr).toContain("only where the network has IPv6");
  });

  test("gives an address that is asked for, by which the container is found and its ports lead to it", () => {
    const asked = ["--network", "six", "--ip6", "fd00:74::99", "-p", "8090:80"];
    md.ok("run", "-d", "--name", "chosen", ...asked, "base", ...telling("chosen"));
    onTestFinished(() => void md.ok("rm", "-f", "chosen"));
    expect(lookUp("late", "chosen", "-type=aaaa")).toBe("fd00:74::99");
    expect(inside("late", "nc -w 5 fd00:74::99 80")).toBe("chosen");
    expect(fetchFrom(outside, "fd00:76::1", 8090)).toBe("chosen");
    const shown = JSON.parse(md.ok("inspect", "-f", "{{json .NetworkSettings.Networks.six}}", "chosen"));
    expect(shown).toMatchObject({ IPAMConfig: { IPv6Address: "fd00:74::99" }, GlobalIPv6Address: "fd00:74::99" });

    md.ok("network", "disconnect", "six", "late");
    md.ok("network", "connect", "--ip6", "fd00:74::98", "six", "late");
    expect(inside("late", "ip -6 addr show eth1")).toContain("inet6 fd00:74::98/64 scope global");
    expect(inside("late", "nc -w 5 chosen 80")).toBe("chosen");
    // Whoever has flushed all rules has taken away those, too, who stand at the cables: the next one puts them there again.
    execFileSync("nft", ["flush", "ruleset"]);
    expect(md.ok("run", "--rm", "--network", "six", "base", "nc", "-w", "5", "fd00:74::99", "80")).toBe("chosen");
  });

  test.each([
    [["--network", "six", "--ip6", "fd00:74::a4a:2"], "Address already in use: fd00:74::a4a:2 on six"],
    [["--network", "six", "--ip6", "fd00:75::1"], "no configured subnet or ip-range contain the IP address fd00:75::1"],
    [
      ["--network", "bridge", "--ip6", "fd00:74::9"],
      "user specified IP address is supported on user defined networks only",
    ],
    [["--network", "name=six,ip6=x"], "invalid IPv6 address: x"],
  ])("and no other: %j", (words, message) => {
    const { code, stderr } = md.call("run", "--rm", ...words, "base", "true");
    expect([code, stderr]).toEqual([125, expect.stringContaining(message)]);
  });
});

describe("a published port of a network", NEEDS, () => {
  let outside: Host;
  beforeAll(async () => {
    outside = await makeHost("up0", "10.78.0.1/24", "10.78.0.2/24");
    md.ok("network", "create", "lane");
  });
  afterAll(async () => {
    md.call("rm", "-f", "web");
    md.ok("network", "rm", "lane");
    await outside.close();
  });

  test("leads in through the first network that has a way out", () => {
    md.ok("run", "-d", "--name", "web", "--network", "lane", "-p", "8080:80", "base", ...telling("lane"));
    expect(fetchFrom(outside, "10.78.0.1", 8080)).toBe("lane");
    expect(fetchFrom(undefined, "127.0.0.1", 8080)).toBe("lane");
  });
});
