// What a lab is asked to be, before there is one.

import { mkdtempSync, realpathSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { labName, labOptions, onceOptions } from "../../src/course/lab/options.ts";

const workshop = () => realpathSync(mkdtempSync(join(tmpdir(), "workshop-")));

test("a lab sees programs, this engine and the workshop, and writes to none of them", () => {
  const folder = workshop();
  const { mounts } = labOptions({ workshop: folder });
  const binds = mounts.filter(({ type }) => type === "bind");
  expect(binds.every(({ readOnly }) => readOnly)).toBe(true);
  expect(binds.map(({ source }) => source)).toEqual(expect.arrayContaining(["/usr", folder]));
  for (const hidden of ["/etc", "/home", "/root", "/var", homedir()]) {
    expect(binds.map(({ source }) => source)).not.toContain(hidden);
  }
});

test("its root is never this machine's, and what it writes is in memory", () => {
  for (const lab of [labOptions({}), onceOptions({ folders: [], tty: false, interactive: false, command: [] })]) {
    expect(process.getuid!() === 0 ? lab.userns === "auto" : lab.isSealed).toBe(true);
    expect(lab).toMatchObject({ network: "none", privileged: false, devices: [], scratchBytes: expect.any(Number) });
  }
});

test("each workshop has a lab of its own, by any of its names", () => {
  const [one, other] = [workshop(), workshop()];
  expect(labName({ workshop: one })).toBe(labName({ workshop: `${one}/../${one.split("/").at(-1)}` }));
  expect(labName({ workshop: one })).not.toBe(labName({ workshop: other }));
});

test.each(["/", "/etc", "/usr", homedir(), "/tmp"])("%s is no workshop: there is more in it", (folder) => {
  expect(() => labOptions({ workshop: folder })).toThrow("there is more in it than modules");
});
