// A virtual machine that boots Debian's kernel and has this machine's own files as its root, read-only.
//
// Nothing is downloaded: the kernel is the one that a Debian package put into /boot, the root is shared over 9p, and an
// initramfs of one static busybox and a handful of modules brings the two together. What changes goes to an empty disk.

import { spawn, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const MODULES = ["virtio_pci", "9pnet_virtio", "9p"];

/** An empty file until it is written to. */
const DISK_BYTES = 8 * 2 ** 30;

/** What is missing and what brings it; undefined when the guest can be started. */
export function missingForGuest() {
  const missing = [
    !has("qemu-system-x86_64") && "qemu-system-x86",
    !has("busybox") && "busybox-static",
    !has("modprobe") && "kmod",
    !has("mke2fs") && "e2fsprogs",
    !newestKernel() && "linux-image-amd64",
  ].filter(Boolean);
  return missing.length > 0 ? `The guest needs: apt install ${missing.join(" ")}` : undefined;
}

/** The newest kernel whose modules can mount 9p; Debian's cloud kernels can't. */
function newestKernel() {
  const folder = "/lib/modules";
  const versions = existsSync(folder) ? readdirSync(folder) : [];
  const usable = versions.filter((v) => existsSync(`${folder}/${v}/kernel/fs/9p`) && existsSync(`/boot/vmlinuz-${v}`));
  return usable.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
}

/**
 * Starts the machine; its console is the returned process's stdout. `scratch` is a folder for what is made on the way,
 * `results` the one folder that the guest can write to, `init` its first process and `settings` the variables of that.
 */
export function startGuest({ scratch, project, results, init, settings }) {
  const version = newestKernel();
  const initramfs = makeInitramfs({ scratch, version, init, settings });
  const disk = makeDisk(scratch);
  const kvm = process.env.GUEST_ACCEL === "kvm";
  const shares = [
    ["host", "/", "readonly=on"],
    ["project", project, "readonly=on"],
    ["results", results, "readonly=off"],
  ];
  return spawn(
    "qemu-system-x86_64",
    [
      ...(kvm ? ["-accel", "kvm", "-cpu", "host"] : ["-accel", "tcg,thread=multi", "-cpu", "max"]),
      ...["-smp", "2", "-m", "3072", "-nodefaults", "-display", "none", "-no-reboot"],
      ...["-kernel", `/boot/vmlinuz-${version}`, "-initrd", initramfs],
      // A panic ends the machine: with -no-reboot, that is what a reboot after 0 seconds does. Nobody attacks this kernel
      // through an emulated processor's caches, and guarding against it makes each system call slower. While it boots, the
      // kernel counts the timer's ticks, and panics where a busy host has delivered too few: it is told to trust the timer.
      ...["-append", "console=ttyS0 quiet panic=-1 mitigations=off no_timer_check rdinit=/init"],
      ...["-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"],
      // Nobody needs it after the power is off: no write has to reach the host's disk.
      ...["-drive", `file=${commas(disk)},format=raw,if=virtio,cache=unsafe`],
      ...shares.flatMap(([tag, path, more]) => [
        "-virtfs",
        `local,path=${commas(path)},mount_tag=${tag},security_model=none,multidevs=remap,${more}`,
      ]),
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
}

/** qemu's way to have a comma in a value. */
function commas(path) {
  return path.replaceAll(",", ",,");
}

function makeDisk(scratch) {
  const disk = join(scratch, "disk");
  writeFileSync(disk, "");
  truncateSync(disk, DISK_BYTES);
  sh(`mke2fs -q -t ext4 -E nodiscard "$1"`, disk);
  return disk;
}

function makeInitramfs({ scratch, version, init, settings }) {
  const tree = join(scratch, "initramfs");
  mkdirSync(join(tree, "bin"), { recursive: true });
  mkdirSync(join(tree, "modules"));
  cpSync(which("busybox"), join(tree, "bin/busybox"), { dereference: true });
  cpSync(init, join(tree, "init"));
  chmodSync(join(tree, "init"), 0o755);
  const lines = Object.entries(settings).map(([name, value]) => `export ${name}=${quote(value)}\n`);
  writeFileSync(join(tree, "settings"), lines.join(""));

  // Numbered in the order of their dependencies, which is the order the guest inserts them in.
  for (const [index, module] of modulesFor(version).entries()) {
    cpSync(module, join(tree, "modules", `${String(index).padStart(2, "0")}-${basename(module)}`));
  }
  const archive = join(scratch, "initramfs.cpio");
  sh(`cd "$1" && find . | busybox cpio -o -H newc > "$2"`, tree, archive);
  return archive;
}

function modulesFor(version) {
  const lines = MODULES.flatMap((name) => sh(`modprobe -S "$1" --show-depends "$2"`, version, name).split("\n"));
  const paths = lines.filter((line) => line.startsWith("insmod ")).map((line) => line.split(" ")[1]);
  return [...new Set(paths)];
}

/** As a word of the shell. */
export function quote(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function has(program) {
  return which(program) !== undefined;
}

function which(program) {
  const folders = `${process.env.PATH}:/usr/sbin:/sbin`.split(":");
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

function sh(script, ...args) {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const { status, stdout, stderr } = spawnSync("sh", ["-c", script, "sh", ...args], { encoding: "utf8", env });
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
  return stdout;
}
