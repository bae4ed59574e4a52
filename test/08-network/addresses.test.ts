import { describe, expect, test } from "vitest";
import {
  contains,
  formatAddress,
  formatSubnet,
  lastOf,
  macOf,
  netmask,
  overlaps,
  parseAddress,
  parseSubnet,
} from "../../src/08-network/addresses.ts";
import { freeSubnet, parseRoutes } from "../../src/08-network/subnets.ts";

describe("addresses", () => {
  test.each(["0.0.0.0", "10.0.0.1", "172.17.255.254", "255.255.255.255"])("%s is the same again", (text) => {
    expect(formatAddress(parseAddress(text)!)).toBe(text);
  });

  test.each(["", "1.2.3", "1.2.3.256", "1.2.3.4.5", "::1", "a.b.c.d", "1.2.3.4/8"])("%j is none", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test("a mask has as many bits as the prefix is long", () => {
    expect([0, 1, 8, 20, 32].map((prefix) => formatAddress(netmask(prefix)))).toEqual([
      "0.0.0.0",
      "128.0.0.0",
      "255.0.0.0",
      "255.255.240.0",
      "255.255.255.255",
    ]);
  });

  test("no two addresses have a MAC in common", () => {
    expect(macOf(parseAddress("172.17.0.2")!)).toBe("02:42:ac:11:00:02");
  });
});

describe("subnets", () => {
  const subnet = parseSubnet("192.168.16.0/20");

  test("begin and end where their prefix says", () => {
    expect(formatSubnet(subnet)).toBe("192.168.16.0/20");
    expect(formatAddress(lastOf(subnet))).toBe("192.168.31.255");
    expect(contains(subnet, parseAddress("192.168.31.255")!)).toBe(true);
    expect(contains(subnet, parseAddress("192.168.32.0")!)).toBe(false);
  });

  test.each([
    ["10.0.0.1/8", "invalid subnet 10.0.0.1/8: it should be 10.0.0.0/8"],
    ["10.0.0.0", "invalid subnet 10.0.0.0: invalid CIDR address: 10.0.0.0"],
    ["10.0.0.0/33", "invalid subnet 10.0.0.0/33: invalid CIDR address: 10.0.0.0/33"],
  ])("%s is refused", (text, message) => {
    expect(() => parseSubnet(text)).toThrow(message);
  });

  test.each([
    ["10.0.0.0/8", "10.1.0.0/16", true],
    ["10.1.0.0/16", "10.0.0.0/8", true],
    ["10.1.0.0/16", "10.2.0.0/16", false],
    ["0.0.0.0/0", "10.2.0.0/16", true],
  ])("%s and %s overlap: %j", (one, other, expected) => {
    expect(overlaps(parseSubnet(one), parseSubnet(other))).toBe(expected);
  });

  test("a new one has nothing in common with ours or with what the host has a route to", () => {
    const routes = parseRoutes(
      `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0
docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
`,
    );
    expect(routes.map(formatSubnet)).toEqual(["172.17.0.0/16"]);
    expect(formatSubnet(freeSubnet([parseSubnet("172.18.0.0/16")], true, routes))).toBe("172.19.0.0/16");
    expect([true, false].map((isDefault) => formatSubnet(freeSubnet([], isDefault, [])))).toEqual([
      "172.17.0.0/16",
      "172.18.0.0/16",
    ]);
    const all = [parseSubnet("172.16.0.0/12"), parseSubnet("192.168.0.0/16")];
    expect(() => freeSubnet(all, true, [])).toThrow("could not find an available, non-overlapping IPv4 address pool");
  });
});
