import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { address6Steps, addressSteps, familySteps, nameSteps } from "../../src/08-network/index.ts";
import { dryRun } from "../../src/10-containers/explain/dry-run.ts";
import { readRun } from "../../src/cli/flags/read-run.ts";
import { chineseFor } from "../../src/cli/show/chinese/catalogue.ts";
import { DOCTOR } from "../../src/cli/show/chinese/doctor.ts";
import { WHYS } from "../../src/cli/show/chinese/whys.ts";
import { lessonFiles } from "../../src/course/lesson/folder.ts";
import { needs } from "../support/needs.ts";

describe("a catalogue", () => {
  const CATALOGUE = { plain: "简单", "a {} of {}": "{1} 的 {0}", "{}: so": "{}：就这样" };

  test.each([
    ["plain", "简单"],
    ["a cup of tea", "tea 的 cup"],
    ["a plain of tea", "tea 的 简单"],
    ["plain: so", "简单：就这样"],
    ["other", undefined],
  ])("%s is %s", (english, chinese) => {
    expect(chineseFor(english, [CATALOGUE])).toBe(chinese);
  });
});

/** What people are told: literals with a space in them, and the findings' names. */
function sentencesOf(source: string): string[] {
  const code = source.replace(/^\s*(?:\/\/|\/?\*).*$/gm, "").replace(/^import [^;]*;/gm, "");
  const literals = [...code.matchAll(/"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|`([^`]*)`/g)];
  const named = [...code.matchAll(/\bok\("([^"]+)"/g)].map(([, text]) => text!);
  const texts = literals.map(
    ([, double, single, template]) => double ?? single ?? template!.replace(/\$\{[^}]*\}/g, "X"),
  );
  return [...texts.filter((text) => text.trim().includes(" ")), ...named];
}

/** What only programs see, and the kernel. */
const NOT_SAID = [
  /^(is there|do calls|the parent has seen|a program that ends)/,
  /^X \(Linux X\)$/,
  /^X+ …$/,
  /^X: X$/,
  /^it is$/,
];

test("doctor says everything in Chinese, too", () => {
  const folder = join(import.meta.dirname, "../../src/10-containers/doctor");
  const said = readdirSync(folder).flatMap((name) => sentencesOf(readFileSync(join(folder, name), "utf8")));
  const missing = said.filter((text) => !NOT_SAID.some((pattern) => pattern.test(text)) && !chineseFor(text, [DOCTOR]));
  expect(said.length).toBeGreaterThan(60);
  expect(missing).toEqual([]);
});

/** Together they have every flag that adds calls of its own; first those that anybody may ask for. */
const RUNS = [
  "",
  "-it --privileged --read-only --device /dev/null",
  "--pid host --ipc host --uts host --cgroupns host --init --oom-score-adj 5",
  "--network host -w /nowhere/at --hostname x --domainname y --security-opt no-new-privileges --shm-size 1m",
  "-v data:/d -v /anonymous --mount type=volume,target=/m,volume-opt=type=tmpfs,volume-opt=device=tmpfs",
  "--mount type=bind,source=/etc,target=/e,bind-propagation=rshared,readonly --security-opt seccomp=unconfined",
];
const RUNS_OF_ROOT = [
  "-m 64m --memory-swap 128m --memory-reservation 32m --memory-swappiness 10 --oom-kill-disable --pids-limit 10",
  "--cpus 0.5 --cpu-shares 100 --cpuset-cpus 0 --cpuset-mems 0",
  "--blkio-weight 100 --device-read-bps /dev/null:1mb --device-write-bps /dev/null:1mb",
  "--device-read-iops /dev/null:10 --device-write-iops /dev/null:10 --device-cgroup-rule c\u00a01:3\u00a0r",
  "--userns auto -v /tmp:/x:ro -v /etc/hostname:/y --tmpfs /t --read-only --device /dev/null",
  "--network bridge -p 0:80",
  "--cap-drop ALL --cap-add NET_RAW --user 1000:1000 --group-add 5 --ulimit nofile=100 --sysctl net.ipv4.ip_forward=1",
];

describe("why each call is there is said in Chinese, too", () => {
  test.each(RUNS)("run %s", expectChinese);
  test("run with Landlock", needs("landlock"), () => expectChinese("--security-opt landlock=rx:/,rw:/dev"));
  describe("for root", needs("root"), () => {
    test.each(RUNS_OF_ROOT)("run %s", expectChinese);
  });
});

async function expectChinese(flags: string): Promise<void> {
  const folder = join(tmpdir(), "never-made");
  const words = flags.split(" ").filter(Boolean);
  const command = await readRun("run", [...words.map((word) => word.replaceAll("\u00a0", " ")), "base", "true"]);
  const { steps } = await dryRun({ root: join(folder, "root"), state: join(folder, "state") }, command!, true);
  const whys = new Set(steps.map(({ step }) => step.why));
  expect(whys.size).toBeGreaterThan(50);
  expect([...whys].filter((why) => !chineseFor(why, [WHYS]))).toEqual([]);
}

test("and of those that give a container names, and IPv6", () => {
  const cable = {
    link: "v",
    bridge: { name: "b", index: 1 },
    name: "eth0",
    mac: "02:42:0a:09:00:02",
    address: 1,
    prefix: 8,
  };
  const whys = [
    ...nameSteps([{ ...cable, hasNames: true }]),
    ...[familySteps, addressSteps, address6Steps].flatMap((steps) =>
      steps([{ ...cable, six: { address: "fd00::2", prefix: 64, gateway: "fd00::1" } }]),
    ),
  ].map(({ why }) => why);
  expect(whys.filter((why) => !chineseFor(why, [WHYS]))).toEqual([]);
  expect(whys).toContain("is somebody there?");
  expect(whys).toContain("the same for IPv6");
});

test("and of the calls in the lessons' own code", () => {
  const files = ["try.ts", "exercise.ts", "solution.ts"].flatMap((file) => lessonFiles(file));
  const said = files.flatMap(({ path }) => [...readFileSync(path, "utf8").matchAll(/why: "([^"]*)"/g)]);
  expect(said.length).toBeGreaterThan(5);
  expect(said.map(([, why]) => why!).filter((why) => !chineseFor(why, [WHYS]))).toEqual([]);
});
