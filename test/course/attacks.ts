// What root in the lab tries, and what must be the same outside when he has.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { takeInventory } from "../support/inventory.ts";

const read = (path: string) => (existsSync(path) ? readFileSync(path, "latin1") : "");
const lines = (text: string, pattern: RegExp) => text.split("\n").filter((line) => pattern.test(line));

/** Settings of the whole machine that root of it could change. */
const SETTINGS = [
  "kernel/core_pattern",
  "kernel/hostname",
  "kernel/modprobe",
  "kernel/random/boot_id",
  "kernel/sysrq",
  "vm/overcommit_memory",
  "vm/panic_on_oom",
  "fs/file-max",
  "net/ipv4/ip_forward",
];

/** What must be the same afterwards. */
export function outside(workshop: string) {
  const { mount, link, route, firewall, setting } = takeInventory();
  return {
    ...{ mount, link, route, firewall, setting },
    settings: SETTINGS.map((name) => read(`/proc/sys/${name}`)),
    modules: lines(read("/proc/modules"), /./).map((line) => line.split(" ")[0]),
    swaps: read("/proc/swaps"),
    hostname: hostname(),
    folders: ["/", "/usr/bin", "/dev"].map((path) => [path, statSync(path).mtimeMs, readdirSync(path)]),
    passwords: read("/etc/passwd") + read("/etc/shadow"),
    workshop: readdirSync(workshop).map((name) => [name, readFileSync(join(workshop, name), "utf8")]),
    ancestors: ["1", String(process.ppid)].map((pid) => read(`/proc/${pid}/stat`).split(" ")[21]),
    clock: Math.abs(Date.now() - Number(execFileSync("date", ["+%s%3N"]))) < 60_000,
  };
}

/** The disk that holds this machine's files. */
function diskNumbers(): [number, number] {
  const { dev } = statSync(tmpdir());
  return [(dev >> 8) & 0xfff, dev & 0xff];
}

const EVERYWHERE = "/ /usr /lib /etc/alternatives /proc /sys /dev /sys/fs/cgroup $WORKSHOP";
const [MAJOR, MINOR] = diskNumbers();

export const ATTACKS: [what: string, script: string][] = [
  ["removes everything", "rm -rf --no-preserve-root / ; true"],
  [
    "removes everything, mounts made writable first",
    `for m in ${EVERYWHERE}; do mount -o remount,rw $m; mount -o remount,bind,rw $m; done; rm -rf --no-preserve-root /`,
  ],
  ["takes the mounts away first", "umount -a -l; umount -l /usr; umount -l /lib; rm -rf --no-preserve-root /"],
  ["reboots", "busybox reboot -f || reboot -f"],
  ["presses the magic key", "echo b > /proc/sysrq-trigger; echo c > /proc/sysrq-trigger; echo mem > /sys/power/state"],
  ["kills everybody", "kill -9 -1"],
  ["kills process 1", "kill -9 1; kill -TERM 1; kill -INT 1"],
  ["forks without end", "bomb() { bomb | bomb & }; bomb; sleep 2"],
  ["takes all memory", "(head -c 3000m /dev/zero | tail) & (head -c 3000m /dev/zero | tail) & wait"],
  [
    "fills all files in memory",
    "mkdir /m; mount -t tmpfs -o size=100g none /m; for d in /m / /tmp /root /dev /dev/shm /run; do head -c 2000m /dev/zero > $d/large & done; wait",
  ],
  [
    "changes the machine's settings",
    "echo '|/tmp/x' > /proc/sys/kernel/core_pattern; echo /tmp/x > /proc/sys/kernel/modprobe; echo 1 > /proc/sys/vm/panic_on_oom; echo 3 > /proc/sys/vm/drop_caches; date -s 2001-01-01; hostname owned; sysctl -w kernel.sysrq=1",
  ],
  [
    "makes a node of the disk, and mounts it",
    `for t in b c; do mknod /tmp/disk $t ${MAJOR} ${MINOR}; mount /tmp/disk /mnt; head -c 512 /tmp/disk | wc -c; echo owned > /tmp/disk; done; mount /dev/vda /mnt; touch /mnt/owned; mount -t proc proc /mnt; ls /mnt/1/root/root`,
  ],
  [
    "loads modules, swaps, traces the kernel",
    "insmod /x.ko; modprobe dummy; swapoff -a; echo 0 > /proc/sys/kernel/ftrace_enabled; mount -t debugfs d /mnt; mount -t tracefs t /mnt; mount -t bpf b /mnt; dmesg -C; losetup -f",
  ],
  [
    "looks for a way through /proc",
    "for p in /proc/[0-9]*; do ls $p/root/var/lib 2>/dev/null; echo > $p/mem; done; cat /proc/kcore | head -c 1; cat /proc/1/environ; nsenter -t 1 -a ls /; chroot /proc/1/root ls /",
  ],
];
