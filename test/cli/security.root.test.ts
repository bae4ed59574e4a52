import { expect, test } from "vitest";
import type { Power } from "../../src/10-containers/look/powers.ts";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();

/** What `security` says of a container made with these flags, by the name of each kind of power. */
function powersWith(...flags: string[]): Record<string, Power> {
  const container = md.ok("run", "-d", ...flags, "base", "sleep", "1000");
  const powers = JSON.parse(md.ok("security", container, "--format", "json")) as Power[];
  md.ok("rm", "-f", container);
  return Object.fromEntries(powers.map((power) => [power.name, power]));
}

const degrees = (powers: Record<string, Power>, ...names: string[]) => names.map((name) => powers[name]?.degree);

test("a container that asks for nothing may do what Docker's may", () => {
  const { profile: _, ...powers } = powersWith();
  for (const { name, degree } of Object.values(powers)) expect([name, degree]).toEqual([name, "default"]);
  expect(powers.capabilities!.here).toBe("14 of 41");
  expect(powers.namespaces!.here).toBe("own: mount pid network ipc uts cgroup");
});

test("what was taken from it is less, as the kernel says", () => {
  const flags = ["--cap-drop", "NET_RAW", "--security-opt", "no-new-privileges", "--read-only", "--pids-limit", "20"];
  const powers = powersWith(...flags, "--user", "1000");
  expect(degrees(powers, "user", "capabilities", "programs", "files", "limits")).toEqual(Array(5).fill("less"));
  expect(powers.user!.here).toBe("user 1000, the same as on the host");
  expect(powers.capabilities!.here).toBe("0 of 41, 13 within reach of its programs; without NET_RAW");
  expect(powers.limits!.here).toMatch(/^20 processes, \d+ open files$/);
});

test("what it was given besides is more, and by name", () => {
  const powers = powersWith("--cap-add", "SYS_PTRACE", "--pid", "host", "-v", "/etc:/host:ro", "--device", "/dev/kmsg");
  expect(degrees(powers, "capabilities", "namespaces", "files", "devices")).toEqual(Array(4).fill("more"));
  expect(powers.capabilities!.here).toContain("more than by default: SYS_PTRACE");
  expect(powers.namespaces!.here).toContain("the host's: pid");
  expect(powers.files!.here).toContain("the host's, to be read, at /host");
  expect(powers.devices!.here).toBe("the machine's: kmsg");
});

test("a privileged one is as open as it is said to be", () => {
  const powers = powersWith("--privileged");
  expect(degrees(powers, "capabilities", "system calls", "hidden", "settings")).toEqual(Array(4).fill("open"));
  expect(powers.settings!.here).toContain("/proc/sys");
});

test("Landlock's rules are what it was started with, and hold for every later process", needs("landlock"), () => {
  const rules = "rx:/,rw:/dev,rw:/tmp";
  const flags = ["--security-opt", `landlock=${rules}`, "--init"];
  const container = md.ok("run", "-d", ...flags, "base", "sleep", "1000");
  const [power] = (JSON.parse(md.ok("security", container, "--format", "json")) as Power[]).filter(
    ({ name }) => name === "landlock",
  );
  expect(power).toMatchObject({
    degree: "less",
    here: expect.stringContaining("may read and start /, read and change /dev"),
  });
  expect(md.ok("exec", container, "sh", "-c", "echo written > /tmp/a; cat /tmp/a; cat /tmp/a > /dev/null")).toBe(
    "written",
  );
  expect(md.call("exec", "--privileged", container, "touch", "/etc/new").stderr).toContain("Permission denied");
  md.ok("rm", "-f", container);
});

test("as a letter it says what differs, beside the two it is compared with", () => {
  const container = md.ok("run", "-d", "--security-opt", "seccomp=unconfined", "base", "sleep", "1000");
  const letter = md.ok("security", container);
  expect(letter).toMatch(/^! system calls {2}each may be made\n {16}default: a filter is asked about each/m);
  expect(letter).toMatch(/^! as open as with --privileged: system calls/m);
  md.ok("rm", "-f", container);
  expect(md.call("security", container)).toMatchObject({ code: 1, stdout: "" });
});
