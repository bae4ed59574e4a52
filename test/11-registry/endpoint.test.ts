import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { endpointOf, HUB_ACCOUNT, isInsecureHost, pullEndpoints } from "../../src/11-registry/endpoint.ts";
import { readSettings } from "../../src/11-registry/settings.ts";

const NONE = { mirrors: {}, insecure: [] };

describe("endpointOf", () => {
  test("Docker Hub has one name for people, one for programs, one in config.json", () => {
    expect(endpointOf("docker.io", NONE)).toEqual({
      host: "registry-1.docker.io",
      account: HUB_ACCOUNT,
      schemes: ["https"],
    });
  });

  test("any other registry is where its name says, and over TLS alone", () => {
    expect(endpointOf("quay.io", NONE)).toEqual({ host: "quay.io", account: "quay.io", schemes: ["https"] });
    expect(endpointOf("registry.lan:5000", NONE).schemes).toEqual(["https"]);
  });
});

describe("isInsecureHost: plain HTTP", () => {
  test.each(["localhost", "localhost:5000", "127.0.0.1:5000", "127.8.9.10", "[::1]:5000"])(
    "is fine with this very machine: %s",
    (host) => expect(isInsecureHost(host, NONE)).toBe(true),
  );

  test.each(["localhost.example", "128.0.0.1", "registry.lan:5000", "[::2]:5000", "10.1.2.3"])(
    "is not fine with others: %s",
    (host) => expect(isInsecureHost(host, NONE)).toBe(false),
  );

  test("is fine where the settings name host, port or network", () => {
    const settings = { mirrors: {}, insecure: ["registry.lan:5000", "other.lan", "10.1.0.0/16", "fd00::/8"] };
    const all = ["registry.lan:5000", "registry.lan:5001", "other.lan:1", "10.1.2.3:5", "10.2.0.1", "[fd12::1]:5000"];
    expect(all.map((host) => isInsecureHost(host, settings))).toEqual([true, false, true, true, false, true]);
  });
});

test("pullEndpoints: mirrors come first, and only they may be plain by their address", () => {
  const settings = { mirrors: { "docker.io": ["http://mirror.lan:5000", "https://cache.example"] }, insecure: [] };
  expect(pullEndpoints("docker.io", settings).map(({ host, schemes }) => [host, ...schemes])).toEqual([
    ["mirror.lan:5000", "http"],
    ["cache.example", "https"],
    ["registry-1.docker.io", "https"],
  ]);
  expect(pullEndpoints("quay.io", settings)).toHaveLength(1);
});

describe("readSettings", () => {
  function settingsIn(text: string): string {
    const folder = mkdtempSync(join(tmpdir(), "settings-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "registries.json"), text);
    return join(folder, "registries.json");
  }

  test("no file is no settings; a list of mirrors is Docker Hub's", () => {
    expect(readSettings("/no/such/file")).toEqual(NONE);
    expect(readSettings(settingsIn('{"registry-mirrors":["https://m.test"],"insecure-registries":["a:1"]}'))).toEqual({
      mirrors: { "docker.io": ["https://m.test"] },
      insecure: ["a:1"],
    });
    expect(readSettings(settingsIn('{"registry-mirrors":{"quay.io":["https://m.test/"]}}')).mirrors).toEqual({
      "quay.io": ["https://m.test/"],
    });
  });

  test.each([
    ["[", /is not valid JSON/],
    ["7", /is not valid JSON/],
    ['{"insecure-registries":"a"}', /must be lists of texts/],
    ['{"registry-mirrors":7}', /must be lists of texts/],
    ['{"registry-mirrors":["m.test"]}', /invalid mirror: m.test/],
    ['{"registry-mirrors":["https://m.test/path"]}', /invalid mirror/],
  ])("refuses %s", (text, message) => {
    expect(() => readSettings(settingsIn(text))).toThrow(message);
  });
});
