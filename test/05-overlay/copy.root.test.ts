import { execFileSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { copyLayers, getXattr, makeOpaque, makeWhiteout, mergedEntries, setXattr } from "../../src/05-overlay/index.ts";
import { needs } from "../support/needs.ts";
import { makeStack, runInOverlay, temporaryFolder } from "./stack.ts";

/** Everything a tree is made of but inode numbers and its root, which is the upper directory; directories' sizes and link counts differ between filesystems. */
const LIST = String.raw`find . -mindepth 1 \( -type d -printf '%P %y %m %U:%G %T@\n' \) -o -printf '%P %y %m %U:%G %T@ %s %n %l\n' | sort; \
  find . -type f -exec cksum {} + | sort`;
const list = (folder: string) => execFileSync("sh", ["-c", LIST], { cwd: folder, encoding: "utf8" });

describe("copyLayers", () => {
  test("makes the very tree that the kernel's overlay shows", () => {
    const stack = makeStack(3);
    const [first, second, third] = stack.lower as [string, string, string];
    const make = (folder: string, script: string) => execFileSync("sh", ["-ec", script], { cwd: folder });
    make(
      first,
      `mkdir -p a/b/c d e/f; echo 1 > a/b/one; ln a/b/one a/two; echo 1 > d/x; echo 1 > d/y; echo 1 > e/f/g
       ln -s ../d a/link; mkfifo a/pipe; mknod a/null c 1 3; chmod 4711 a/two; chown 12:34 d; chmod 1777 e
       touch -d '2001-02-03 04:05:06.123456789' d/x; touch -hd '2002-02-02' a/link; echo 1 > replaced; mkdir -p file/in`,
    );
    make(
      second,
      "mkdir d e e/f; echo 2 > d/z; echo 2 > e/f/h; rm -rf file; echo 2 > file; mkdir replaced; echo 2 > replaced/r",
    );
    makeOpaque(join(second, "d"));
    makeWhiteout(join(second, "e/f/g"));
    make(third, "mkdir -p e/f a/b; echo 3 > e/f/g; chmod 700 a/b; chown 5:6 a");
    makeWhiteout(join(third, "a/pipe"));
    makeWhiteout(join(third, "never-was"));

    const to = temporaryFolder();
    copyLayers(stack.lower, to);
    expect(list(to)).toBe(runInOverlay(stack, LIST).stdout);
  });

  test("keeps attributes, file capabilities among them, and leaves overlay's own behind", () => {
    const { lower, at } = makeStack(1);
    const program = join(lower[0]!, "program");
    writeFileSync(program, "x");
    // cap_setuid, cap_net_raw, effective: linux/capability.h, struct vfs_cap_data.
    const capability = Buffer.from("0100000280200000000000000000000000000000", "hex");
    setXattr(program, "security.capability", capability);
    setXattr(program, "user.note", "hello");
    makeOpaque(lower[0]!);
    copyLayers(lower, at);
    expect(getXattr(join(at, "program"), "security.capability")).toEqual(capability);
    expect(getXattr(join(at, "program"), "user.note")?.toString()).toBe("hello");
    expect(getXattr(at, "trusted.overlay.opaque")).toBeUndefined();
  });

  test("never follows a link out of a layer, not even where a lower layer has a directory", () => {
    const outside = temporaryFolder();
    writeFileSync(join(outside, "secret"), "untouched");
    const { lower, at } = makeStack(2);
    mkdirSync(join(lower[0]!, "way"));
    writeFileSync(join(lower[0]!, "way/secret"), "from the layer");
    symlinkSync(outside, join(lower[1]!, "way"));
    copyLayers(lower, at);
    expect(lstatSync(join(at, "way")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(outside, "secret"), "utf8")).toBe("untouched");
  });

  test("keeps names that are no UTF-8, and times to the nanosecond", () => {
    const { lower, at } = makeStack(1);
    const name = Buffer.from([0x6e, 0xff, 0xfe, 0x0a]);
    const path = (folder: string) => Buffer.concat([Buffer.from(`${folder}/`), name]);
    writeFileSync(path(lower[0]!), "x");
    execFileSync("touch", ["-d", "2033-05-18 03:33:20.000000001 UTC", lower[0]!]);
    copyLayers(lower, at);
    expect(readFileSync(path(at), "utf8")).toBe("x");
    expect(statSync(at, { bigint: true }).mtimeNs).toBe(2000000000000000001n);
  });

  test("without owners leaves out what an ordinary user can't make, and reads his marks", () => {
    const { lower, at } = makeStack(2);
    for (const layer of lower) mkdirSync(join(layer, "dir"));
    writeFileSync(join(lower[0]!, "dir/hidden"), "");
    setXattr(join(lower[1]!, "dir"), "user.overlay.opaque", "y");
    execFileSync("sh", ["-c", "mknod dev c 1 3; echo x > file; chown 12:34 file; mkfifo pipe"], { cwd: lower[0] });
    copyLayers(lower, at, { ownerless: true });
    expect(execFileSync("ls", { cwd: at, encoding: "utf8" })).toBe("dir\nfile\npipe\n");
    expect(readdirSync(join(at, "dir"))).toEqual([]);
    expect(statSync(join(at, "file")).uid).toBe(process.getuid?.());
  });
});

describe("mergedEntries", () => {
  test("reads whiteouts that are files, as the kernel does", needs("kernel:6.8"), () => {
    const stack = makeStack(2);
    for (const name of ["hidden", "seen"]) writeFileSync(join(stack.lower[0]!, name), "");
    writeFileSync(join(stack.lower[1]!, "hidden"), "");
    setXattr(join(stack.lower[1]!, "hidden"), "trusted.overlay.whiteout", "");
    setXattr(stack.lower[1]!, "trusted.overlay.opaque", "x");
    const names = [...mergedEntries(stack.lower.toReversed(), "trusted").keys()];
    expect(names).toEqual(["seen"]);
    expect(runInOverlay(stack, "ls").stdout).toBe("seen\n");
  });

  test("a directory's time is that of the topmost layer", () => {
    const { lower } = makeStack(2);
    for (const [index, layer] of lower.entries()) {
      mkdirSync(join(layer, "dir"));
      utimesSync(join(layer, "dir"), index, index);
    }
    const entry = mergedEntries(lower.toReversed(), "trusted").get("dir");
    expect(entry?.path).toBe(join(lower[1]!, "dir"));
    expect(entry?.dirs.length).toBe(2);
  });
});
