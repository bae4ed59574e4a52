import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { needs } from "../support/needs.ts";
import { ociForTests } from "../support/oci.ts";
import { randomChange } from "../support/random-configs.ts";

const oci = ociForTests();
const source = join(oci.folder, "source");
mkdirSync(source);
writeFileSync(join(source, "file"), "file\n");

/** crun makes the parent of its groups, and leaves it there. */
afterAll(() => {
  spawnSync("sh", ["-c", "rmdir /sys/fs/cgroup/*/mini-docker/differential /sys/fs/cgroup/*/mini-docker"]);
});

// What can be seen from inside. Of mountinfo: which root is seen where, how, with what propagation, of which filesystem.
const PROBE = `
  G=mini-docker/differential
  echo "# mounts"; while read -r _ _ _ root point options rest; do
    optional=""; while [ "\${rest%% *}" != - ]; do optional="$optional \${rest%%[: ]*}"; rest="\${rest#* }"; done
    case $point in /cg*) continue; esac
    echo "$point $root $options$optional \${rest#- }"
  done < /proc/self/mountinfo
  echo "# status"; grep -E '^(Uid|Gid|Groups|Umask|NoNewPrivs|Seccomp|Cap...):' /proc/self/status
  echo "# limits"; cat /proc/self/limits
  echo "# oom"; cat /proc/self/oom_score_adj
  echo "# environment"; env | grep -vE '^(_|SHLVL|OLDPWD|container)=' | sort; pwd; hostname
  echo "# devices"; cd /dev && ls -lnA --time-style=+ | grep -vE '^total|console'
  echo "# descriptors"; ls /proc/self/fd | wc -l
  echo "# sysctls"; cd /proc/sys; cat net/ipv4/ip_forward net/core/somaxconn kernel/shmmax fs/mqueue/msg_max
  echo "# writing"; mkdir /made 2>&1; rmdir /made 2>/dev/null; for each in /b1 /t /proc/sys/kernel/shm_rmid_forced /usr/lib /usr/share; do test -w $each && echo "$each can be written"; done
  echo "# opening"; for each in /dev/null /dev/zero /dev/fuse /dev/own /dev/tty; do (: < $each) 2>/dev/null && echo "$each can be opened"; done
  echo "# limits of the group"; sort /cg/memory/$G/memory.limit_in_bytes /cg/pids/$G/pids.max /cg/cpu/$G/cpu.shares /cg/cpu/$G/cpu.cfs_quota_us
  sort /cg/devices/$G/devices.list
  ls /usr/share /sys/firmware 2>/dev/null | wc -l; test -n "$(cat /proc/keys)" && echo keys
`;

/** In a mount namespace of its own: crun refuses a machine that has v2 beside v1, so there it sees v1 only. */
const CRUN = [
  "unshare",
  "-m",
  "sh",
  "-c",
  'umount /sys/fs/cgroup/unified; exec crun --root "$@"',
  "sh",
  join(oci.folder, "crun"),
];
const OURS = ["node", "--", join(import.meta.dirname, "../../dist/mini-docker-oci.js"), "--root", oci.root];

function seen([program = "", ...words]: string[], bundle: string, id: string): string[] {
  const call = (...verb: string[]) => spawnSync(program, [...words, ...verb], { encoding: "utf8" });
  const { status, stdout, stderr } = call("run", "-b", bundle, id);
  call("delete", "-f", id);
  const lines = stdout.split("\n").map((line) => line.replaceAll(id, "ID"));
  return [`exit ${status} ${status === 0 ? "" : stderr}`, ...sortedMounts(lines)];
}

/**
 * Where we are stricter. What masks a file is the host's /dev/null, which nobody shall run or change the mode of; what masks a
 * directory is a tmpfs in which there are no devices or programs either.
 */
function withoutStricter(line: string): string {
  if (/ tmpfs (none rw|tmpfs rw,size=0k)$/.test(line)) return `${line.split(" ")[0]} is masked`;
  return line.replace(/ \/null \S+/, (mount) => mount.replace(/,?(noexec|nosuid)/g, ""));
}

/** Options of a mount say the same in any order. */
function sortedMounts(lines: string[]): string[] {
  const end = lines.indexOf("# status");
  const sort = (line: string) =>
    withoutStricter(line)
      .split(" ")
      .map((word) => word.split(",").sort().join(","))
      .join(" ");
  return [...lines.slice(0, end).map(sort), ...lines.slice(end)];
}

/** The host's groups, to look at the container's in. */
const GROUPS = { destination: "/cg", type: "bind", source: "/sys/fs/cgroup", options: ["rbind", "ro"] };

const COUNT = Number(process.env.OCI_CONFIGS ?? 6);
const FIRST = Number(process.env.OCI_FIRST ?? 1);

// A test for each: between two of them the runner is told how it goes, and it gives up whoever is silent for a minute.
describe("the same config.json", needs("program:crun", "cgroup1", "speed"), () => {
  const seeds = Array.from({ length: COUNT }, (_, index) => FIRST + index);

  test.each(seeds)("looks the same inside as crun makes it: configuration %i", { timeout: 60_000 }, (seed) => {
    const change = randomChange(seed, source);
    const process = { ...change.process, args: ["sh", "-c", PROBE] };
    const linux = { ...change.linux, cgroupsPath: "/mini-docker/differential" };
    const bundle = oci.bundle("random", { ...change, mounts: [...(change.mounts ?? []), GROUPS], process, linux });
    const theirs = seen(CRUN, bundle, "random");
    expect(seen(OURS, bundle, "random")).toEqual(theirs);
  });
});
