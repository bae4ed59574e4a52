import { describe, expect, test } from "vitest";
import { createRequest, createUnasked } from "../../src/cli/oci/create-flags.ts";
import { readGlobals } from "../../src/cli/oci/globals.ts";

const created = (...argv: string[]) => {
  const { globals, rest, error } = readGlobals(argv);
  if (error) throw error;
  return () => createRequest(createUnasked(), rest.at(-1)!, globals);
};

describe("groups made by systemd", () => {
  test.each(["--systemd-cgroup", "--systemd-cgroup=true", "--cgroup-manager systemd", "--cgroup-manager=systemd"])(
    "are refused when a container is to be made, and who asks is told what to ask for: %s",
    (flags) => {
      const refusal = expect.objectContaining({ hint: expect.stringContaining("cgroupfs") });
      expect(created(...flags.split(" "), "create", "one")).toThrow(refusal);
    },
  );

  test("are not asked for by who says the opposite", () => {
    for (const flag of ["--systemd-cgroup=false", "--cgroup-manager=cgroupfs"])
      expect(created(flag, "create", "one")()).toMatchObject({ id: "one" });
  });

  test("and such a flag is in nobody's way who only looks: engines say it before every verb", () => {
    const { rest, error } = readGlobals(["--root", "/r", "--systemd-cgroup", "state", "one"]);
    expect({ rest, error }).toEqual({ rest: ["state", "one"], error: undefined });
  });
});
