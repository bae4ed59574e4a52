import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linkLocalOf } from "../../src/08-network/guard.ts";
import { cliForTests } from "../support/cli.ts";
import { buildFixture } from "../support/native.ts";
import { needs } from "../support/needs.ts";
import { advertisement, arpAnswer, datagram } from "./frames.ts";

const md = cliForTests();
const NEEDS = needs("root", "speed", "program:nft", "program:ip", "program:bridge");

interface Seat {
  address: string;
  six: string;
  mac: string;
  link: string;
}

/** What the host would send to whoever it takes for this address. */
function neighbour(address: string): string {
  return /lladdr (\S+)/.exec(`${execFileSync("ip", ["neigh", "show", address])}`)?.[1] ?? "nobody";
}

/** By which link the bridge sends what is for this hardware address. */
function portOf(mac: string): string {
  const lines = `${execFileSync("bridge", ["fdb", "show"])}`.split("\n");
  return lines.filter((line) => line.startsWith(mac) && !line.includes("permanent")).join("\n");
}

describe("a container with a raw socket, on a network", NEEDS, () => {
  let liar: Seat;
  let victim: Seat;
  let host: { address: string; mac: string; six: string };

  const say = (frame: string) => md.ok("exec", "liar", "/send", frame);

  beforeAll(() => {
    md.ok("network", "create", "--ipv6", "shared");
    const send = buildFixture("send-frame", { isStatic: true });
    for (const name of ["liar", "victim"])
      md.ok("run", "-d", "--name", name, "--network", "shared", "-v", `${send}:/send:ro`, "base", "sleep", "1000");
    const seat = (name: string): Seat => {
      const format = "{{.IPAddress}} {{.GlobalIPv6Address}} {{.MacAddress}} {{.EndpointID}}";
      const said = md.ok("inspect", "-f", `{{with .NetworkSettings.Networks.shared}}${format}{{end}}`, name);
      const [address = "", six = "", mac = "", link = ""] = said.split(" ");
      return { address, six, mac, link };
    };
    [liar, victim] = [seat("liar"), seat("victim")];
    const [network] = JSON.parse(md.ok("network", "inspect", "shared")) as [
      { Id: string; IPAM: { Config: { Gateway: string }[] } },
    ];
    const bridge = `md-${network.Id.slice(0, 12)}`;
    const [{ address: mac = "" } = {}] = JSON.parse(`${execFileSync("ip", ["-j", "link", "show", bridge])}`);
    host = { address: network.IPAM.Config[0]!.Gateway, mac, six: network.IPAM.Config[1]!.Gateway };
    meet();
  });
  afterAll(() => void md.call("rm", "-f", "liar", "victim"));

  /** Both speak with the host, so it knows who they are, whatever it has been told before. */
  const meet = () => {
    execFileSync("ip", ["neigh", "flush", "all"]);
    for (const name of ["victim", "liar"]) {
      md.ok("exec", name, "ping", "-c", "1", "-w", "5", host.address);
      md.ok("exec", name, "ping", "-6", "-c", "1", "-w", "5", host.six);
    }
  };

  /** Each attack, and what the host believes after it. */
  const attacks: Record<string, () => Promise<boolean>> = {
    "another's address in ARP": async () => {
      say(arpAnswer(liar.mac, victim.address));
      return neighbour(victim.address) === liar.mac;
    },
    "another's hardware address in ARP": async () => {
      say(arpAnswer(victim.mac, liar.address, liar.mac));
      return neighbour(liar.address) === victim.mac;
    },
    "another's address in IPv6": async () => {
      say(advertisement(liar.mac, liar.six, victim.six));
      return neighbour(victim.six) === liar.mac;
    },
    "another's address in IPv6, by the one that its link has by itself": async () => {
      say(advertisement(liar.mac, linkLocalOf(liar.mac), victim.six));
      return neighbour(victim.six) === liar.mac;
    },
    "another's hardware address": async () => {
      say(arpAnswer(liar.mac, liar.address, victim.mac));
      return portOf(victim.mac).includes(liar.link);
    },
    "another's address in a datagram": () => heard(victim.address, liar.mac),
    "an address of nobody's in a datagram": () => heard(host.address.replace(/\d+$/, "200"), liar.mac),
  };

  /** Whether the host takes a datagram for this sender's; one that is honest comes after it. */
  async function heard(sender: string, mac: string): Promise<boolean> {
    const socket = createSocket("udp4");
    const senders: string[] = [];
    socket.on("message", (_, { address }) => senders.push(address));
    socket.bind(7777, host.address);
    await once(socket, "listening");
    say(datagram([mac, host.mac], [sender, host.address], "lie"));
    say(datagram([liar.mac, host.mac], [liar.address, host.address], "truth"));
    while (!senders.includes(liar.address)) await once(socket, "message");
    socket.close();
    return senders.includes(sender);
  }

  for (const name of Object.keys(attacks))
    test(`can't have ${name}`, async () => {
      expect(await attacks[name]!()).toBe(false);
    });

  test("can say who it is itself, and speak with everybody", () => {
    say(arpAnswer(liar.mac, liar.address));
    say(advertisement(liar.mac, liar.six, liar.six));
    expect(md.ok("exec", "liar", "ping", "-c", "1", "-w", "5", victim.address)).toContain("1 packets received");
    expect(md.ok("exec", "liar", "ping", "-6", "-c", "1", "-w", "5", victim.six)).toContain("1 packets received");
  });

  test("could, if nobody stood at its cable; and can't again once somebody else comes to the network", async () => {
    execFileSync("nft", ["delete", "table", "netdev", "mini-docker"]);
    for (const [name, attack] of Object.entries(attacks)) {
      expect(await attack(), name).toBe(true);
      meet();
    }
    md.ok("run", "--rm", "--network", "shared", "base", "true");
    for (const [name, attack] of Object.entries(attacks)) expect(await attack(), name).toBe(false);
  });

  test("with a hardware address of its own choice is known by that one", () => {
    const mac = "02:00:00:00:00:09";
    const words = ["run", "-d", "--name", "other", "--network", "shared", "--mac-address", mac, "base", "sleep", "100"];
    md.ok(...words);
    const ping = () => md.call("exec", "other", "ping", "-c", "1", "-w", "2", host.address).code;
    expect(ping()).toBe(0);
    execFileSync("nft", ["delete", "table", "netdev", "mini-docker"]);
    md.ok("run", "--rm", "--network", "shared", "base", "true");
    expect(`${execFileSync("nft", ["list", "table", "netdev", "mini-docker"])}`).toContain("0x20000000009");
    expect(ping()).toBe(0);
    md.ok("rm", "-f", "other");
  });

  test("is believed on a network that was made so", () => {
    md.ok("network", "create", "-o", "mini-docker.guard=false", "open");
    md.ok("run", "-d", "--name", "believed", "--network", "open", "base", "sleep", "1000");
    const link = md.ok("inspect", "-f", "{{.NetworkSettings.Networks.open.EndpointID}}", "believed");
    const chains = `${execFileSync("nft", ["list", "table", "netdev", "mini-docker"])}`;
    expect(chains).toContain(`chain ${liar.link}`);
    expect(chains).not.toContain(`chain ${link}`);
    expect(md.ok("network", "show")).toMatch(/ open, .*everybody is believed/);
    md.ok("rm", "-f", "believed");
    md.ok("network", "rm", "open");
  });
});
