import { expect, test } from "vitest";
import { allHostDevices, findHostDevices } from "../../src/10-containers/host-devices.ts";
import { runOptions } from "../../src/10-containers/options.ts";

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

test("all of /dev, but nothing of its terminals", () => {
  const paths = allHostDevices().map(({ path }) => path);
  expect(paths).toContain("/dev/zero");
  expect(paths.filter((path) => path.startsWith("/dev/pts/"))).toEqual([]);
});
