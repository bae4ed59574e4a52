import { expect, test } from "vitest";
import { findHostDevices } from "../../src/10-containers/spec/host-devices.ts";
import { deviceNodes } from "../../src/10-containers/spec/limits.ts";
import { runOptions } from "../../src/10-containers/spec/options.ts";

const find = (source: string) =>
  findHostDevices(runOptions("base", { devices: [{ source, target: source, permissions: "rwm" }] }));

test("a device's numbers are what the kernel's documentation says of /dev/null", () => {
  expect(find("/dev/null")["/dev/null"]).toMatchObject([{ type: "c", major: 1, minor: 3, fileMode: 0o666 }]);
});

test("no device there is the user's mistake", () => {
  const about = "error gathering device information while adding custom device";
  expect(() => find("/dev/surely-not")).toThrow(`${about} "/dev/surely-not": no such file or directory`);
  expect(() => find("/etc/passwd")).toThrow(`${about} "/etc/passwd": not a device node`);
});

test("a privileged container has all of /dev, but nothing of its terminals", () => {
  const options = runOptions("base", { privileged: true });
  const nodes = deviceNodes(options, findHostDevices(options)).map(({ path }) => path);
  expect(nodes).toContain("/dev/zero");
  expect(nodes.filter((path) => path.startsWith("/dev/pts/") || path === "/dev/ptmx")).toEqual([]);
  expect(deviceNodes(runOptions("base"), findHostDevices(runOptions("base")))).toEqual([]);
});
