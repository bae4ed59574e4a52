import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { leasesOn, takeAddress } from "../../src/08-network/leases.ts";
import { createNetwork, findNetwork, listNetworks, removeNetwork } from "../../src/08-network/networks.ts";
import { notePort, portsOn } from "../../src/08-network/ports.ts";

function temporaryRoot(): string {
  const root = mkdtempSync(join(tmpdir(), "net-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

describe("a network", () => {
  test("is found by its name, its id, and the beginning of that, until it is removed", () => {
    const root = temporaryRoot();
    const made = createNetwork(root, { name: "front", subnet: "10.9.0.0/24", labels: { a: "b" } });
    expect(made).toMatchObject({ subnet: "10.9.0.0/24", gateway: "10.9.0.1", internal: false, labels: { a: "b" } });
    expect(made.bridge).toBe(`md-${made.id.slice(0, 12)}`);
    for (const wanted of ["front", made.id, made.id.slice(0, 5)]) expect(findNetwork(root, wanted)).toEqual(made);
    removeNetwork(root, made);
    expect(listNetworks(root)).toEqual([]);
    expect(readdirSync(join(root, "networks"))).toEqual([]);
    expect(() => findNetwork(root, "front")).toThrow("network front not found");
  });

  test.each([
    [{ name: "bridge" }, "operation is not permitted on predefined bridge network"],
    [{ name: "../x" }, 'invalid network name "../x"'],
    [{ name: "taken" }, "network with name taken already exists"],
    [{ name: "x", subnet: "10.9.0.128/25" }, "Pool overlaps with other one on this address space"],
    [{ name: "x", gateway: "10.1.0.1" }, "must have a corresponding subnet"],
    [{ name: "x", subnet: "10.8.0.0/24", gateway: "10.9.0.1" }, "no matching subnet for gateway 10.9.0.1"],
    [{ name: "x", subnet: "10.8.0.0/24", ipRange: "10.8.1.0/28" }, "no matching subnet for range 10.8.1.0/28"],
    [{ name: "x", subnet: "10.8.0.0/31" }, "it has no room"],
    [{ name: "x", subnet6: "fd00:7::/48" }, "Pool overlaps with other one on this address space"],
    [
      { name: "x", subnet6: "fd00:8::/112" },
      "the last 32 bits of an address are those of the container's IPv4 address",
    ],
    [{ name: "x", subnet6: "fd00:8::1/64" }, "it should be fd00:8::/64"],
    [{ name: "x", options: { mtu: "9" } }, "unknown option of a bridge network: mtu"],
    [{ name: "x", options: { "com.docker.network.bridge.name": "a b" } }, "invalid name of a bridge: a b"],
    [{ name: "x", options: { "mini-docker.guard": "no" } }, "invalid value of mini-docker.guard: no"],
  ])("%j is refused", (wish, message) => {
    const root = temporaryRoot();
    createNetwork(root, { name: "taken", subnet: "10.9.0.0/24", subnet6: "fd00:7:0:1::/64" });
    expect(() => createNetwork(root, wish)).toThrow(message);
    expect(listNetworks(root).length).toBe(1);
  });
});

describe("addresses", () => {
  test("are given from the lowest on, never twice, and each holder has one", () => {
    const root = temporaryRoot();
    const network = createNetwork(root, { name: "a", subnet: "10.9.0.0/29", gateway: "10.9.0.2" });
    const given = ["one", "two", "three", "two"].map((holder) => takeAddress(root, network, holder).address);
    expect(given).toEqual(["10.9.0.1", "10.9.0.3", "10.9.0.4", "10.9.0.3"]);
    expect(leasesOn(root, "a").length).toBe(3);
    for (const holder of ["four", "five"]) takeAddress(root, network, holder);
    expect(() => takeAddress(root, network, "six")).toThrow("no available IPv4 addresses on network a: 10.9.0.0/29");
  });

  test("are given from the range, unless one is asked for", () => {
    const root = temporaryRoot();
    const network = createNetwork(root, { name: "a", subnet: "10.9.0.0/24", ipRange: "10.9.0.64/30" });
    expect(takeAddress(root, network, "one").address).toBe("10.9.0.64");
    expect(takeAddress(root, network, "two", { address: "10.9.0.7" }).address).toBe("10.9.0.7");
    for (const taken of ["10.9.0.7", "10.9.0.1"]) {
      expect(() => takeAddress(root, network, "three", { address: taken })).toThrow("Address already in use");
    }
    for (const strange of ["10.9.1.1", "10.9.0.0", "10.9.0.255"]) {
      expect(() => takeAddress(root, network, "three", { address: strange })).toThrow("no configured subnet");
    }
  });

  test("of IPv6 are made of the others, and one that is chosen is nobody else's from then on", () => {
    const root = temporaryRoot();
    const network = createNetwork(root, { name: "a", subnet: "10.9.0.0/24", subnet6: "fd00:9::/64" });
    expect(takeAddress(root, network, "one")).toEqual({ address: "10.9.0.2", address6: "fd00:9::a09:2" });
    // That would have been of 10.9.0.4.
    expect(takeAddress(root, network, "two", { address6: "FD00:9:0::0a09:0004" })).toEqual({
      address: "10.9.0.3",
      address6: "fd00:9::a09:4",
    });
    expect(takeAddress(root, network, "three")).toEqual({ address: "10.9.0.5", address6: "fd00:9::a09:5" });
    expect(leasesOn(root, "a").map(({ address6 }) => address6)).toContain("fd00:9::a09:4");
    expect(() => takeAddress(root, network, "four", { address: "10.9.0.4" })).toThrow("Address already in use");
    for (const taken of ["fd00:9::a09:1", "fd00:9::a09:2", "fd00:9::a09:4"]) {
      expect(() => takeAddress(root, network, "four", { address6: taken })).toThrow("Address already in use");
    }
    for (const strange of ["fd00:8::1", "fd00:9::"]) {
      expect(() => takeAddress(root, network, "four", { address6: strange })).toThrow("no configured subnet");
    }
    const four = createNetwork(root, { name: "b", subnet: "10.8.0.0/24" });
    expect(() => takeAddress(root, four, "one", { address6: "fd00:9::9" })).toThrow(
      "user specified IP address is supported only when connecting to networks with user configured subnets",
    );
    expect(leasesOn(root, "a").length).toBe(3);
    expect(leasesOn(root, "b")).toEqual([]);
  });

  test("whoever is on a network keeps it", () => {
    const root = temporaryRoot();
    const network = createNetwork(root, { name: "a", subnet: "10.9.0.0/24" });
    takeAddress(root, network, "one");
    expect(() => removeNetwork(root, network)).toThrow(`network a id ${network.id} has active endpoints`);
  });
});

test("ports are written down as they are read", () => {
  const root = temporaryRoot();
  const network = createNetwork(root, { name: "a", subnet: "10.9.0.0/24", subnet6: "fd00:9::/64" });
  takeAddress(root, network, "web");
  const port = { protocol: "udp", hostAddress: "127.0.0.1", hostPort: 5353, port: 53 } as const;
  notePort(root, "a", "10.9.0.2", port);
  const six = { ...port, hostAddress: "fd00::1" };
  notePort(root, "a", "10.9.0.2", six);
  expect(portsOn(root, network)).toEqual([
    { ...port, address: "10.9.0.2" },
    { ...six, address: "fd00:9::a09:2" },
  ]);
});
