import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { copyLayers, isOverlayXattr, listXattrs, setXattr } from "../../src/05-overlay/index.ts";
import { LayerWriter } from "../../src/06-images/layer.ts";
import { type Changed, packChanges } from "../../src/06-images/pack-changes.ts";
import { TarReader } from "../../src/06-images/tar.ts";
import { TarPacker } from "../../src/06-images/tar-pack.ts";
import { makeStack, runInOverlay } from "../05-overlay/stack.ts";
import { needs } from "../support/needs.ts";
import { temporaryFolder } from "./archives.ts";

const shell = (cwd: string, script: string) => execFileSync("sh", ["-c", script], { cwd, encoding: "utf8" });

/** Two layers, and what `script` did to them. */
function changed(below: [string, string], script: string, marked: Record<string, string> = {}): Changed {
  const stack = makeStack(2);
  for (const [index, text] of below.entries()) shell(stack.lower[index]!, text);
  const ended = runInOverlay(stack, `set -e; ${script}`);
  expect(ended).toMatchObject({ exitCode: 0 });
  for (const [path, name] of Object.entries(marked)) setXattr(join(stack.upper, path), name, CAPABILITY);
  return { upper: stack.upper, lower: stack.lower, isCopy: false, marks: "trusted" };
}

function pack(wish: Changed): Buffer {
  const pieces: Buffer[] = [];
  const packer = new TarPacker((bytes) => pieces.push(Buffer.from(bytes)));
  packChanges(wish, packer);
  packer.end();
  return Buffer.concat(pieces);
}

const names = (tar: Buffer) =>
  execFileSync("tar", ["t"], { input: tar, encoding: "utf8" }).split("\n").filter(Boolean).sort();

/** The layer on those it was made on, as one tree: everything that can be seen of it, but times of directories. */
function seen({ lower }: Changed, tar: Buffer): string {
  const layer = join(temporaryFolder(), "layer");
  const whole = join(temporaryFolder(), "whole");
  for (const path of [layer, whole]) mkdirSync(path);
  const writer = new LayerWriter(layer, { owners: true, devices: true, below: lower });
  const reader = new TarReader(writer);
  reader.push(tar);
  reader.end();
  writer.finish();
  writer.close();
  copyLayers([...lower, layer], whole);
  return listed(whole);
}

const LIST = `find . ! -type d -printf '%P %y %m %U:%G %s %n %T@ %l\\n' -o -printf '%P %y %m %U:%G\\n' | sort;
  find . -type f -links +1 -printf '%i %P\\n' | sort | awk '{print $1 == last ? "same " $2 : "first " $2; last = $1}';
  find . -type f -exec sha256sum {} + | sort`;
const listed = (folder: string) => shell(folder, LIST) + attributes(folder);

/** cap_net_raw+ep, as capabilities(7) has it on disk. */
const CAPABILITY = Buffer.from("0100000200200000000000000000000000000000", "hex");

function attributes(folder: string): string {
  const paths = ["usr/bin/ping", "etc/group", "usr/hard"].filter((path) => existsSync(join(folder, path)));
  const names = (path: string) => listXattrs(path).filter((name) => !isOverlayXattr(name));
  return paths.flatMap((path) => names(join(folder, path)).map((name) => `${path} ${name}\n`)).join("");
}

const BELOW: [string, string] = [
  "mkdir -p etc old/deep usr/bin; echo 1 > etc/passwd; echo 2 > etc/group; echo x > old/deep/file; echo p > usr/bin/ping",
  "mkdir -p srv/a; echo y > srv/a/b; touch empty; ln -s etc link",
];

describe("packChanges", needs("root", "overlay"), () => {
  test("names what was made, changed and deleted, and nothing else", () => {
    const wish = changed(BELOW, "echo 3 > etc/passwd; rm -r old; mkdir new; rm srv/a/b; touch made; rm made; rm empty");
    expect(names(pack(wish))).toEqual(
      [".wh.empty", ".wh.old", "etc/", "etc/passwd", "new/", "srv/", "srv/a/", "srv/a/.wh.b"].sort(),
    );
  });

  test("tells a folder that was replaced as opaque, and a new one not", () => {
    const wish = changed(BELOW, "rm -r old; mkdir old fresh; echo z > old/z; echo f > fresh/f");
    expect(names(pack(wish))).toEqual(["fresh/", "fresh/f", "old/", "old/.wh..wh..opq", "old/z"]);
  });

  test("says nothing of a folder in which something came and went", () => {
    expect(names(pack(changed(BELOW, "touch etc/x srv/a/y; rm etc/x srv/a/y")))).toEqual([]);
  });

  test("tells a folder whose mode, owner or attribute changed, the top one too", () => {
    expect(
      names(pack(changed(BELOW, "chmod 700 etc; chown 5 srv; touch usr/bin/ping; chmod 711 .", { usr: "user.a" }))),
    ).toEqual(["./", "etc/", "srv/", "usr/", "usr/bin/", "usr/bin/ping"].sort());
  });

  test("gives a layer that shows what was seen: links, devices, fifos, attributes, odd and long names, holes", () => {
    const long = "n".repeat(200);
    const script = `ln etc/group usr/hard; ln usr/hard usr/harder; ln -s /nowhere usr/soft; mknod usr/dev c 1 3; mkfifo usr/fifo;
      chmod 4755 usr/bin/ping;
      echo l > usr/${long}; mkdir -p d/${long}/${long}; echo l > d/${long}/${long}/${long};
      printf 'odd' > "$(printf 'usr/\\377\\nname')"; truncate -s 5M usr/hole; chown -h 7:8 usr/soft; rm link; mkdir link;
      touch -h -d @-5 usr/soft; touch -d @1700000000 usr/hole usr/bin/ping; chown 4294967294 usr/fifo`;
    const marked = { "usr/bin/ping": "security.capability", "etc/group": "user.note" };
    const wish = changed(BELOW, `${script}; cd ..; cp -a at whole`, marked);
    const whole = join(wish.upper, "../whole");
    for (const [path, name] of Object.entries(marked)) setXattr(join(whole, path), name, CAPABILITY);
    // Times in an archive are whole seconds.
    const cut = (text: string) => text.replaceAll(/(\d)\.\d{10}/g, "$1");
    expect(cut(seen(wish, pack(wish)))).toBe(cut(listed(whole)));
  });

  test("of a copy tells what of an overlay", () => {
    const script = "echo 3 > etc/passwd; rm -r old; mkdir old; rm srv/a/b; echo n > new; chmod 700 usr";
    const overlay = changed(BELOW, script);
    const copy = join(temporaryFolder(), "copy");
    mkdirSync(copy);
    copyLayers(overlay.lower, copy);
    shell(copy, script);
    const copied: Changed = { ...overlay, upper: copy, isCopy: true };
    const look = (wish: Changed) => seen(wish, pack(wish)).replaceAll(/ \d{10}\.\d+ /g, " ");
    expect(look(copied)).toBe(look(overlay));
    // A folder in the place of another can't be told from one that was emptied.
    expect(names(pack(copied)).filter((name) => name.startsWith("old"))).toEqual(["old/", "old/.wh.deep"]);
  });

  test("follows nobody who puts links in the way meanwhile, and takes files as they come and go", () => {
    const host = temporaryFolder();
    shell(host, "mkdir etc; echo secret > etc/shadow; echo secret > shadow");
    const wish = changed(
      BELOW,
      "mkdir d e f; echo 1 > d/shadow; echo 2 > e/x; echo 12345 > f/x; echo 3 > f/y; touch f/z",
    );
    const swap: Record<string, string> = {
      // Told when it was looked at, and before we go in.
      "d/": `rm -r d; ln -s ${host}/etc d`,
      "e/": `rm e/x; ln -s ${host}/shadow e/x`,
      "f/x": "echo 1 > f/x; rm f/y; mkdir f/y; rm f/z; mkfifo f/z",
    };
    const told: Record<string, string> = {};
    const pieces: Buffer[] = [];
    packChanges(wish, {
      entry({ name, type }) {
        const script = swap[type === "directory" ? `${name}/` : name];
        if (script !== undefined) shell(wish.upper, script);
        told[name] = type;
      },
      content: (piece) => void pieces.push(Buffer.from(piece)),
      done: () => {},
    });
    expect(told).toEqual({
      d: "directory",
      e: "directory",
      "e/x": "symlink",
      f: "directory",
      "f/x": "file",
      "f/y": "directory",
      "f/z": "fifo",
    });
    expect(Buffer.concat(pieces).toString()).toBe("1\n\0\0\0\0");
  });

  test("gives the same bytes for the same files, and nothing newer than asked", () => {
    const script = "echo 3 > etc/passwd; mkdir -p z/y; touch z/b z/a";
    const newestNs = 1_000_000_000n * 1_000_000_000n;
    const [one, other] = [changed(BELOW, script), changed(BELOW, script)];
    rmSync(join(one.upper, "z/a"));
    shell(one.upper, "touch z/a");
    expect(pack({ ...one, newestNs }).equals(pack({ ...other, newestNs }))).toBe(true);
    const times = execFileSync("tar", ["tv", "--full-time", "--utc"], {
      input: pack({ ...one, newestNs }),
      encoding: "utf8",
    });
    expect(new Set(times.match(/\d{4}-\d\d-\d\d/g))).toEqual(new Set(["2001-09-09"]));
  });
});
