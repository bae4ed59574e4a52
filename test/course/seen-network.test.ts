import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { addressesIn, routesIn } from "../../src/course/grade/seen-network.ts";

const ROUTES = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	0100080A	0003	0	0	0	00000000	0	0	0
eth0	0000080A	00000000	0001	0	0	0	00FFFFFF	0	0	0
eth1	0000A8C0	00000000	0001	0	0	0	00FCFFFF	0	0	0
`;

test("routes are read with their gateway, and with as many bits as their mask has", () => {
  expect(routesIn(ROUTES)).toEqual([
    { to: "0.0.0.0/0", link: "eth0", via: "10.8.0.1" },
    { to: "10.8.0.0/24", link: "eth0" },
    { to: "192.168.0.0/22", link: "eth1" },
  ]);
  expect(routesIn("")).toEqual([]);
});

test("a network's own addresses are this machine's", () => {
  const known = Object.values(networkInterfaces()).flatMap((all = []) => all.filter(({ family }) => family === "IPv4"));
  const found = addressesIn(readFileSync("/proc/self/net/fib_trie", "latin1"));
  expect(known.map(({ address }) => address).filter((address) => !found.includes(address))).toEqual([]);
});
