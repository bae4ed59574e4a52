// An image without any network: `localhost/base`, made on first use from this very host. Busybox is a whole system in one
// file, and if it is static it needs nothing else; without it, the host's own shell and tools come with the libraries
// that their headers name. The same host gives the same digest.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { UserError } from "../01-syscalls/index.ts";
import { BASE_PROCESS } from "./base-on-paper.ts";
import { writeBlob } from "./blobs.ts";
import type { ImageConfig } from "./config.ts";
import { readElf } from "./elf.ts";
import { naming } from "./failure.ts";
import { changeIndex, nameEntry, REF_NAME } from "./layout.ts";
import { librariesOf } from "./libraries.ts";
import { keepStore } from "./lock.ts";
import { type Descriptor, MEDIA } from "./manifest.ts";
import { hostPlatform } from "./platform.ts";
import { BASE } from "./reference.ts";
import { type PackedEntry, packTar } from "./tar-write.ts";

const EPOCH = "1970-01-01T00:00:00Z";
const FOLDERS = ["/bin", "/usr/bin", "/sbin", "/usr/sbin"];

/** Enough to look around, and to break things. */
const TOOLS = `sh ls cat echo ps sleep mount umount id hostname env mkdir rmdir rm touch kill head tail grep sed awk vi find
  cp mv ln chmod chown df du stat dd tr cut wc sort uniq tee seq date uname test [ true false printf pwd whoami readlink
  basename dirname xargs mknod mktemp nproc sync chroot tty stty tar gzip gunzip ip top free less which timeout`;

/** Makes the image and returns its entry. Throws UserError if the host has no shell to make it from. */
export function makeBase(root: string, { busybox = true } = {}): Descriptor {
  const lock = keepStore(root);
  try {
    const programs = (busybox && busyboxEntries()) || toolEntries();
    const entry = naming(
      () => "cannot make the base image",
      () => writeImage(root, packTar(allEntries(programs))),
    );
    changeIndex(root, (entries) => nameEntry(entries, entry, BASE));
    return { ...entry, annotations: { [REF_NAME]: BASE } };
  } finally {
    lock.close();
  }
}

function writeImage(root: string, layer: Buffer): Descriptor {
  const { digest, size } = writeBlob(root, layer, MEDIA.LAYER);
  const platform = hostPlatform();
  const config: ImageConfig = {
    created: EPOCH,
    ...platform,
    config: BASE_PROCESS,
    rootfs: { type: "layers", diff_ids: [digest] },
    history: [{ created: EPOCH, created_by: "mini-docker: programs of this host" }],
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA.MANIFEST,
    config: writeJson(root, config, MEDIA.CONFIG),
    layers: [{ mediaType: MEDIA.LAYER, digest, size }],
  };
  return { ...writeJson(root, manifest, MEDIA.MANIFEST), platform };
}

function writeJson(root: string, value: object, mediaType: string): Descriptor {
  return writeBlob(root, Buffer.from(JSON.stringify(value)), mediaType);
}

/** Sorted by path, every directory before what is in it. */
function allEntries(programs: PackedEntry[]): PackedEntry[] {
  const entries = [...furniture(), ...programs];
  const known = new Set(entries.map(({ path }) => path));
  const implied = new Set(programs.flatMap(({ path }) => parentsOf(path)).filter((path) => !known.has(path)));
  const all = [...entries, ...[...implied].map((path) => ({ path, directory: true as const }))];
  return all.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What programs expect to find in any system. */
function furniture(): PackedEntry[] {
  const directories = [
    "dev",
    "etc",
    "home",
    "mnt",
    "opt",
    "proc",
    "run",
    "srv",
    "sys",
    "usr",
    "usr/local",
    "var",
    "var/log",
  ];
  return [
    ...directories.map((path) => ({ path, directory: true as const })),
    { path: "root", directory: true, mode: 0o700 },
    ...["tmp", "var/tmp"].map((path) => ({ path, directory: true as const, mode: 0o1777 })),
    {
      path: "etc/passwd",
      content: "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n",
    },
    { path: "etc/group", content: "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n" },
    { path: "etc/nsswitch.conf", content: "passwd: files\ngroup: files\nhosts: files dns\n" },
    { path: "etc/os-release", content: 'NAME="mini-docker base"\nID=base\nPRETTY_NAME="mini-docker base"\n' },
  ];
}

/** Busybox with a link for each of its commands, where the host has a static one. */
function busyboxEntries(): PackedEntry[] | undefined {
  const path = FOLDERS.map((folder) => join(folder, "busybox")).find((path) => existsSync(path));
  const content = path === undefined ? undefined : readFileSync(path);
  const elf = content && readElf(content);
  if (!path || !content || !elf || elf.interpreter !== undefined) return undefined;
  const commands = spawnSync(path, ["--list-full"], { encoding: "utf8" }).stdout.split("\n").filter(Boolean);
  const busybox = "bin/busybox";
  const links = commands.filter((command) => command !== busybox && command !== "linuxrc");
  return [
    { path: busybox, mode: 0o755, content },
    ...links.map((command) => ({ path: command, symlink: relative(dirname(command), busybox) })),
  ];
}

/** The host's own tools, whatever of them is there. */
function toolEntries(): PackedEntry[] {
  const tools = TOOLS.split(/\s+/).flatMap(findTool);
  if (!tools.some(({ path }) => path.endsWith("/sh")))
    throw new UserError("this host has no shell to make an image from");
  const libraries = librariesOf(tools.map(({ content }) => content));
  const terminals = ["xterm", "xterm-256color", "screen", "tmux", "linux", "vt100"].flatMap(findTerminal);
  return [
    ...tools,
    ...libraries.map(({ path, content }) => ({ path: path.slice(1), mode: 0o755, content })),
    ...terminals,
  ];
}

/** A program or a shell script; a script for anything else would not find its interpreter. */
function findTool(name: string): { path: string; mode: number; content: Buffer }[] {
  const path = FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (path === undefined) return [];
  const content = readFileSync(path);
  const runs = readElf(content) !== undefined || content.toString("latin1", 0, 9) === "#!/bin/sh";
  return runs ? [{ path: path.slice(1), mode: 0o755, content }] : [];
}

/** Editors ask terminfo how to move the cursor. */
function findTerminal(name: string): PackedEntry[] {
  const folders = ["/lib/terminfo", "/usr/share/terminfo", "/usr/lib/terminfo"].map((folder) =>
    join(folder, name[0]!, name),
  );
  const path = folders.find((path) => existsSync(path));
  return path === undefined ? [] : [{ path: path.slice(1), content: readFileSync(path) }];
}

function parentsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === "." ? [] : [...parentsOf(parent), parent];
}
