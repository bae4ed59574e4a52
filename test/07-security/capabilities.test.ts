import { describe, expect, test } from "vitest";
import {
  CAPABILITIES,
  capabilitiesIn,
  chooseCapabilities,
  DEFAULT_CAPABILITIES,
  grantable,
  setsFor,
} from "../../src/07-security/index.ts";

const without = (...names: string[]) => DEFAULT_CAPABILITIES.filter((name) => !names.includes(name));

describe("chooseCapabilities", () => {
  test("takes names with and without CAP_, in either case", () => {
    expect(chooseCapabilities({ add: ["net_admin", "CAP_SYS_TIME"], drop: ["cap_chown"] })).toEqual([
      ...without("CAP_CHOWN"),
      "CAP_NET_ADMIN",
      "CAP_SYS_TIME",
    ]);
  });

  test.each<[string, { add?: string[]; drop?: string[]; privileged?: boolean }, string[]]>([
    ["nothing asked for is the default", {}, [...DEFAULT_CAPABILITIES]],
    [
      "ALL added is every one but those dropped",
      { add: ["ALL"], drop: ["KILL"] },
      CAPABILITIES.filter((n) => n !== "CAP_KILL"),
    ],
    ["ALL dropped is those added", { add: ["KILL"], drop: ["all"] }, ["CAP_KILL"]],
    ["both added and dropped is added", { add: ["KILL"], drop: ["KILL"] }, [...without("CAP_KILL"), "CAP_KILL"]],
    ["privileged is every one", { drop: ["KILL"], privileged: true }, [...CAPABILITIES]],
  ])("%s", (_, asked, expected) => {
    expect(chooseCapabilities(asked)).toEqual(expected);
  });

  test("refuses what isn't one in Docker's words", () => {
    expect(() => chooseCapabilities({ add: ["net_amdin"] })).toThrow(
      'invalid CapAdd: unknown capability: "CAP_NET_AMDIN"',
    );
    expect(() => chooseCapabilities({ drop: [""] })).toThrow('invalid CapDrop: unknown capability: "CAP_"');
  });
});

describe("grantable", () => {
  // A root whose bounding set lacks CAP_SYS_RESOURCE (24) and whose permitted set lacks CAP_SYS_TIME (25) too.
  const status =
    "CapInh:\t0000000000000000\nCapPrm:\t000001fffcffffff\nCapEff:\t000001fffcffffff\nCapBnd:\t000001fffeffffff\n";

  test("leaves out what this process lacks, and says so", () => {
    const asked = setsFor(["CAP_CHOWN", "CAP_SYS_RESOURCE", "CAP_SYS_TIME"], 0);
    expect(grantable(asked, status)).toEqual({
      granted: setsFor(["CAP_CHOWN"], 0),
      warnings: [
        "CAP_SYS_RESOURCE can't be granted: this process doesn't have it",
        "CAP_SYS_TIME can't be granted: this process doesn't have it",
      ],
    });
  });

  test("capabilitiesIn: bit n is capability n", () => {
    const missing = CAPABILITIES.filter((name) => !capabilitiesIn(status, "CapBnd").includes(name));
    expect(missing).toEqual(["CAP_SYS_RESOURCE"]);
    expect(CAPABILITIES.length).toBe(41);
  });
});
