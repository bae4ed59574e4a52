import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { listVolumes, removeUnused } from "../../src/09-volumes/index.ts";
import { inspectVolume } from "../../src/10-containers/look/list-volumes.ts";
import { cliForTests, ended } from "../support/cli.ts";

const md = cliForTests();
const dataOf = (name: string) => join(md.root, "volumes", name, "_data");
const names = () => listVolumes(md.root).map(({ name }) => name);
/** Nothing is to be learnt of its removal. */
const forget = (...volumes: string[]) => removeUnused(md.root, volumes, () => () => []);
const run = (...argv: string[]) => md.ok("run", "--rm", ...argv);
/** `-v`, `--mount` … and a shell in `base`. */
const sh = (flags: string[], script: string) => run(...flags, "base", "sh", "-c", script);

const DOCKERFILE = `FROM base
RUN mkdir -p /srv/db/sub && cd /srv/db && echo seed > file && ln file twin && ln -s file link && \
  chown 12:34 file && chmod 640 file && chmod 1777 sub && chown 7:8 . && chmod 2750 . && \
  touch -d '2001-02-03 04:05:06' file . && ln -s srv /somewhere
VOLUME /srv/db
`;

beforeAll(() => {
  const context = join(dirname(md.root), "context");
  mkdirSync(context);
  writeFileSync(join(context, "Dockerfile"), DOCKERFILE);
  md.ok("build", "-q", "-t", "app", context);
});

describe("what is in a volume", () => {
  test("outlives its containers, and ends with its own removal", () => {
    expect(md.ok("volume", "create", "kept")).toBe("kept");
    sh(["-v", "kept:/d"], "echo hello > /d/f");
    md.ok("run", "-d", "--name", "holder", "-v", "kept:/e", "base", "sleep", "1000");
    const refusal = md.call("volume", "rm", "kept");
    const id = md.ok("inspect", "-f", "{{.Id}}", "holder");
    expect(refusal).toMatchObject({ code: 1, stdout: "" });
    expect(refusal.stderr).toContain(`remove kept: volume is in use - [${id}]`);
    // Two have it at the same time, and one of them may only read.
    const written = sh(["-v", "kept:/d:ro,z"], "cat /d/f; echo no > /d/f; true");
    md.ok("exec", "holder", "sh", "-c", "echo more >> /e/f");
    md.ok("rm", "-fv", "holder");
    expect(written).toBe("hello");
    expect(sh(["--mount", "type=volume,src=kept,dst=/d"], "cat /d/f")).toBe("hello\nmore");
    expect(md.ok("volume", "rm", "kept")).toBe("kept");
    expect(existsSync(join(md.root, "volumes", "kept"))).toBe(false);
    expect(md.call("volume", "rm", "kept").stderr).toContain("get kept: no such volume");
    expect(md.ok("volume", "rm", "-f", "kept")).toBe("kept");
  });

  test("is at first what the image has there, with all that belongs to its files", async () => {
    // The image's own way there leads through a link.
    run("-v", "filled:/somewhere/db", "app", "true");
    const data = dataOf("filled");
    const [top, file] = [statSync(data), statSync(join(data, "file"))];
    expect([top.uid, top.gid, top.mode & 0o7777]).toEqual([7, 8, 0o2750]);
    expect([file.uid, file.gid, file.mode & 0o7777, file.nlink]).toEqual([12, 34, 0o640, 2]);
    expect(file.mtime.toISOString()).toBe("2001-02-03T04:05:06.000Z");
    expect(top.mtime.toISOString()).toBe("2001-02-03T04:05:06.000Z");
    expect(statSync(join(data, "sub")).mode & 0o7777).toBe(0o1777);
    expect(lstatSync(join(data, "link")).isSymbolicLink()).toBe(true);
    expect(readdirSync(join(md.root, "volumes", "filled")).sort()).toEqual(["_data", "locks", "volume.json"]);

    // Only at first, only if it is wanted, and only where there is nothing.
    run("-v", "filled:/srv/db", "app", "rm", "/srv/db/twin");
    const later = ["-v", "filled:/srv/db", "-v", "bare:/srv/db/sub:nocopy", "app", "ls", "/srv/db", "/srv/db/sub"];
    expect(run(...later)).toBe("/srv/db:\nfile\nlink\nsub\n\n/srv/db/sub:");
    await forget("filled", "bare");
  });

  test("belongs to the same users in a container that has users of its own", async () => {
    const made = run("--userns", "auto", "-v", "owned:/srv/db", "app", "sh", "-c", "touch /srv/db/new; ls -ln /srv/db");
    expect(made).toMatch(/12 +34 .* file/);
    expect(statSync(join(dataOf("owned"), "new")).uid).toBe(0);
    await forget("owned");
  });
});

describe("a volume that nobody has named", () => {
  test("goes with --rm and with `rm -v`, and stays otherwise", () => {
    run("app", "true");
    expect(names()).toEqual([]);
    for (const name of ["one", "two"]) md.ok("create", "--name", name, "-v", "/more", "-v", "named:/n", "app", "true");
    expect(names()).toHaveLength(5);
    md.ok("rm", "one");
    md.ok("rm", "-v", "two");
    expect(names()).toHaveLength(3);
    expect(md.ok("volume", "prune", "-f")).toMatch(
      /^Deleted Volumes:\n[0-9a-f]{64}\n[0-9a-f]{64}\n\nTotal reclaimed space: /,
    );
    expect(names()).toEqual(["named"]);
    expect(md.ok("volume", "prune", "-af")).toContain("Deleted Volumes:\nnamed\n");
  });

  test("goes with a container that never came to be", () => {
    expect(md.call("run", "-v", "/x", "--mount", "type=bind,src=/nosuch,dst=/y", "app", "true").code).toBe(125);
    expect(md.call("create", "-v", "/x", "--user", "nosuch", "app", "true").code).not.toBe(0);
    expect(names()).toEqual([]);
  });
});

test("--volumes-from: what another container has, and no more than it may", async () => {
  md.ok("create", "--name", "source", "-v", "named:/n:ro", "app", "true");
  const [anonymous] = names().filter((name) => name !== "named");
  const script = "echo mine > /srv/db/mine; ls /srv/db; echo x > /n/x; true";
  expect(sh(["--volumes-from", "source"], script)).toBe("file\nlink\nmine\nsub\ntwin");
  expect(sh(["--volumes-from", "source:ro"], "echo x > /srv/db/x || cat /srv/db/mine")).toBe("mine");
  expect(readdirSync(dataOf("named"))).toEqual([]);
  expect(md.call("create", "--volumes-from", "source", "--user", "nosuch", "base", "true").code).not.toBe(0);
  expect(md.call("create", "--volumes-from", "nosuch", "base", "true").stderr).toContain("No such container: nosuch");
  expect(names().sort()).toEqual([anonymous, "named"].sort());
  md.ok("rm", "-v", "source");
  expect(names()).toEqual(["named"]);
  await forget("named");
});

describe("a folder in a volume", () => {
  const part = (subpath: string, place = "/p") => [
    "--mount",
    `type=volume,src=parts,dst=${place},volume-subpath=${subpath}`,
  ];

  test("is mounted alone, also if it is a file or a link in there", () => {
    sh(
      ["-v", "parts:/d"],
      "mkdir -p /d/a/b /d/etc; echo in > /d/a/b/f; ln -s /a/b /d/link; echo volume > /d/etc/passwd",
    );
    const parts = [...part("a/b", "/one"), ...part("link", "/two"), ...part("a/b/f", "/three")];
    expect(sh(parts, "ls /one /two; cat /three")).toBe("/one:\nf\n\n/two:\nf\nin");
  });

  test("is never one of the host's, whatever its links say", async () => {
    for (const [name, target] of [
      ["up", "../../../../../../../../etc"],
      ["out", "/etc"],
    ] as const)
      symlinkSync(target, join(dataOf("parts"), name));
    const both = [...part("up/passwd", "/one"), ...part("out/passwd", "/two")];
    expect(sh(both, "cat /one /two")).toBe("volume\nvolume");
    sh(["-v", "parts:/d"], "rm -r /d/etc");
    expect(md.call("run", "--rm", ...part("out"), "base", "true").stderr).toMatch(/cannot access path .*_data\/out/);
    const outside = md.call("run", "--rm", ...part("../x"), "base", "true");
    expect(outside.stderr).toContain("subpath must be a relative path within the volume");
    // A stopped container is looked into in the same way.
    sh(["-v", "parts:/d"], "rm /d/link; mkdir /d/link; echo cp > /d/link/f");
    md.ok("create", "--name", "looked", ...part("link"), "base", "true");
    symlinkSync("/etc", join(dataOf("parts"), "swapped"));
    expect(
      execFileSync("node", ["--", "dist/mini-docker.js", ...md.roots, "cp", "looked:/p/f", "-"]).toString(),
    ).toContain("cp\n");
    md.ok("rm", "looked");
    await forget("parts");
  });
});

describe("a volume of another kind", () => {
  test("in memory is one for all who have it, and gone with the last", async () => {
    md.ok("volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "-o", "o=size=1m,mode=700", "ram");
    md.ok("run", "-d", "--name", "first", "-v", "ram:/a/b", "base", "sh", "-c", "echo x > /a/b/x; sleep 1000");
    expect(sh(["-v", "ram:/r"], "while ! [ -e /r/x ]; do sleep 0.1; done; df -k /r | tail -1; ls /r")).toMatch(
      /tmpfs +1024 .*\nx$/,
    );
    md.ok("rm", "-f", "first");
    expect(sh(["-v", "ram:/r"], "ls -a /r")).toBe(".\n..");
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(md.root);
    await forget("ram");
  });

  test("is a folder of the host's, or refused where the kernel has no such filesystem", () => {
    const folder = join(dirname(md.root), "shown");
    mkdirSync(folder);
    writeFileSync(join(folder, "f"), "host\n");
    md.ok("volume", "create", "-o", "type=none", "-o", "o=bind", "-o", `device=${folder}`, "--label", "a=1", "host");
    expect(sh(["-v", "host:/h"], "cat /h/f; echo back > /h/g")).toBe("host");
    md.ok("volume", "rm", "host");
    expect(readFileSync(join(folder, "g"), "utf8")).toBe("back\n");
    const odd = md.call("volume", "create", "-o", "type=nosuchfs", "-o", "device=:/x", "odd");
    expect(odd.stderr).toContain("create odd: this kernel has no nosuchfs");
    expect(md.call("volume", "create", "-d", "far", "odd").stderr).toContain('plugin "far" not found');
  });
});

test("it is shown as Docker shows it", async () => {
  md.ok("volume", "create", "--label", "a=1", "--label", "b", "shown");
  md.ok("create", "--name", "has", "-v", "shown:/s:ro", "app", "true");
  const [anonymous] = names().filter((name) => name !== "shown");
  expect(JSON.parse(md.ok("inspect", "-f", "{{json .Mounts}}", "has"))).toEqual([
    {
      Type: "volume",
      Name: "shown",
      Source: dataOf("shown"),
      Destination: "/s",
      Driver: "local",
      Mode: "ro",
      RW: false,
      Propagation: "",
    },
    {
      Type: "volume",
      Name: anonymous,
      Source: dataOf(anonymous!),
      Destination: "/srv/db",
      Driver: "local",
      Mode: "",
      RW: true,
      Propagation: "",
    },
  ]);
  expect(md.ok("ps", "-a", "--no-trunc", "--format", "{{.Mounts}} {{.LocalVolumes}}")).toBe(`shown,${anonymous} 2`);
  expect(md.ok("volume", "ls", "-f", "label=a=1")).toBe("DRIVER    VOLUME NAME\nlocal     shown");
  expect(md.ok("volume", "ls", "-f", "name=^sh", "--format", "{{.Name}} {{.Labels}} {{.Mountpoint}}")).toBe(
    `shown a=1,b= ${dataOf("shown")}`,
  );
  expect(inspectVolume(md, "shown")).toMatchObject({
    Driver: "local",
    Labels: { a: "1", b: "" },
    Mountpoint: dataOf("shown"),
    Name: "shown",
    Options: null,
    Scope: "local",
  });
  expect(md.call("volume", "inspect", "nosuch")).toMatchObject({ code: 1, stdout: "[]\n" });
  expect(md.ok("system", "df", "--format", "{{.Type}} {{.TotalCount}} {{.Active}}")).toContain("Local Volumes 2 2");
  expect(md.ok("run", "--dry-run", "--explain", "-v", "shown:/s", "base", "true")).toMatch(
    /volumes +volumeViewSteps.*\n.*open_tree\(AT_FDCWD, ".*shown\/_data/,
  );
  md.ok("rm", "-v", "has");
  md.ok("system", "prune", "-f", "--volumes");
  expect(names()).toEqual(["shown"]);
  await forget("shown");
});

test("many at once meet in one volume, which is filled once and whole", async () => {
  const runs = Array.from({ length: 4 }, () =>
    ended(md.begin("run", "--rm", "-v", "meet:/srv/db", "app", "sh", "-c", "ls /srv/db; cat /srv/db/file")),
  );
  for (const { code, stdout } of await Promise.all(runs)) {
    expect(stdout).toBe("file\nlink\nsub\ntwin\nseed\n");
    expect(code).toBe(0);
  }
  const made = Array.from({ length: 2 }, () => ended(md.begin("volume", "create", "other")));
  for (const { stdout } of await Promise.all(made)) expect(stdout).toBe("other\n");
  expect(names()).toEqual(["meet", "other"]);
  await forget("meet", "other");
});

test("without protection a link in a volume leads to the host: a module that joins paths is enough", async () => {
  const folder = join(dirname(md.root), "careless.ts");
  writeFileSync(
    folder,
    `import { AT, openTreeStep } from "mini-docker/01-syscalls";
    export const volumeViewSteps = ({ folder, subpath, as }) =>
      [openTreeStep({ path: folder + "/" + (subpath ?? ""), flags: AT.RECURSIVE, why: "careless", as })];`,
  );
  sh(["-v", "trap:/d"], "mkdir /d/etc; echo volume > /d/etc/hostname");
  symlinkSync("/etc", join(dataOf("trap"), "out"));
  const flags = ["--mount", "type=volume,src=trap,dst=/p,volume-subpath=out"];
  const careless = md.ok("run", "--rm", "--with", `09=${folder}`, "--on-host", ...flags, "base", "cat", "/p/passwd");
  expect(careless).toContain("root:x:0:0");
  expect(sh(flags, "cat /p/hostname")).toBe("volume");
  await forget("trap");
});
