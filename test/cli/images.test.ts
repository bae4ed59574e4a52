import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { makeLayout, tarOf } from "../06-images/archives.ts";
import { cliForTests, PROGRAM } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();

const HISTORY = [
  { created: "2024-01-02T03:04:05Z", created_by: "COPY rootfs.tar / # buildkit", comment: "buildkit.dockerfile.v0" },
  { created: "2024-01-02T03:04:06Z", created_by: 'CMD ["sh"]', empty_layer: true },
  { created_by: `RUN ${"x".repeat(60)}` },
];

beforeAll(() => {
  const layers = [tarOf([{ name: "a", content: "a".repeat(3000) }]), tarOf([{ name: "b" }])];
  const config = { created: "2024-01-02T03:04:05Z", history: HISTORY };
  const folder = dirname(md.root);
  md.ok("load", "-i", makeLayout(layers, { name: "example.com/app:1", config, folder }).directory);
});

test("image inspect --platform shows no other machine's image for the one that is asked for", () => {
  expect(md.call("image", "inspect", "--platform", "linux/s390x", "example.com/app:1").stderr).toMatch(
    /example.com\/app:1 was found but does not provide the specified platform \(linux\/s390x\)/,
  );
});

describe("tag", () => {
  test("adds a name, which rmi takes away again", () => {
    expect(md.ok("tag", "example.com/app:1", "app:2")).toBe("");
    expect(md.ok("image", "tag", "app:2", "app:3")).toBe("");
    expect(md.ok("images", "-q", "app").split("\n").length).toBe(2);
    expect(md.ok("rmi", "app:2", "app:3")).toBe("Untagged: app:2\nUntagged: app:3");
  });

  test("says what is wrong", () => {
    expect(md.call("tag", "nope", "x")).toMatchObject({ code: 1, stderr: "mini-docker: No such image: nope:latest\n" });
    expect(md.call("tag", "example.com/app:1", "UP").stderr).toContain(
      'Error parsing reference: "UP" is not a valid repository/tag: invalid reference format',
    );
    expect(md.call("tag", "x").stderr).toContain("'mini-docker tag' requires 2 arguments");
  });
});

describe("history", () => {
  test("is Docker's table, newest first", () => {
    const lines = md.ok("history", "example.com/app:1").split("\n");
    expect(lines[0]).toMatch(/^IMAGE {10}CREATED +CREATED BY +SIZE {6}COMMENT$/);
    expect(lines[1]).toMatch(/^[0-9a-f]{12} {3}N\/A +RUN x{40}… {3}1\.54kB +$/);
    expect(lines[2]).toMatch(/^<missing> {6}\d.* ago +CMD \["sh"\] +0B +$/);
    expect(lines[3]).toMatch(/^<missing> {6}.* ago +COPY rootfs.tar \/ # buildkit +4\.61kB +buildkit.dockerfile.v0$/);
  });

  test("for scripts: -q, --no-trunc, -H=false, --format", () => {
    expect(md.ok("history", "-q", "--no-trunc", "example.com/app:1")).toMatch(
      /^sha256:[0-9a-f]{64}\n<missing>\n<missing>$/,
    );
    const shown = ["--format", "{{.CreatedSince}}|{{.Size}}|{{.CreatedBy}}"];
    expect(md.ok("history", "-H=false", "--no-trunc", ...shown, "example.com/app:1").split("\n")).toEqual([
      `|1536|${HISTORY[2]!.created_by}`,
      `2024-01-02T03:04:06Z|0|CMD ["sh"]`,
      "2024-01-02T03:04:05Z|4608|COPY rootfs.tar / # buildkit",
    ]);
    expect(JSON.parse(md.ok("history", "--format", "json", "example.com/app:1").split("\n")[1]!)).toMatchObject({
      ID: "<missing>",
      CreatedBy: 'CMD ["sh"]',
    });
    expect(md.call("history", "nope").stderr).toBe("mini-docker: No such image: nope:latest\n");
  });
});

describe("history on a terminal", () => {
  test("shows what an image's maker wrote, and does nothing that he wrote", needs("program:script"), () => {
    const layers = [tarOf([{ name: "a" }])];
    const config = { history: [{ created_by: "RUN \x1b[2J\x1b]0;title\x07 x" }] };
    const folder = join(dirname(md.root), "rude");
    mkdirSync(folder);
    md.ok("load", "-i", makeLayout(layers, { name: "example.com/rude:1", config, folder }).directory);
    const words = ["node", "--", PROGRAM, ...md.roots, "history", "example.com/rude:1"];
    const shown = spawnSync("script", ["-qec", words.join(" "), "/dev/null"], { encoding: "utf8" });
    expect(shown.stdout).toContain("RUN \\x1b[2J\\x1b]0;title\\x07 x");
    expect(shown.stdout).not.toContain("\x1b[2J");
    md.ok("rmi", "example.com/rude:1");
  });
});

describe("image explore", () => {
  test("as a picture, as one layer, as JSON with layers from 1", () => {
    const picture = md.ok("image", "explore", "example.com/app:1");
    expect(picture).toContain(" 1  COPY rootfs.tar / ");
    expect(picture).toContain("100 % efficient   nothing in it is wasted");
    expect(md.ok("image", "explore", "--layer", "2", "example.com/app:1")).toContain("+ -rw-r--r--       0B  └─ b");
    const { layers, efficiency } = JSON.parse(md.ok("image", "explore", "--json", "example.com/app:1"));
    expect(efficiency).toBe(1);
    expect(layers[0]).toMatchObject({ layer: 1, bytes: 3000, entries: [{ path: "a", change: "added" }] });
  });

  test("says what isn't there", () => {
    expect(md.call("image", "explore", "--layer", "3", "example.com/app:1")).toMatchObject({
      code: 1,
      stderr: "mini-docker: there is no layer 3: the image has 2\n",
    });
    expect(md.call("image", "explore", "nope").stderr).toBe("mini-docker: No such image: nope:latest\n");
  });

  test("image tree shows whose last layer is whose", () => {
    expect(md.ok("image", "tree")).toMatch(
      /^1 image, 2 layers, 6\.14kB\n\n.*\n +1\.54kB {2}● RUN x+…? +example.com\/app:1$/,
    );
    expect(JSON.parse(md.ok("image", "tree", "--json")).layers[0].above[0].images).toEqual(["example.com/app:1"]);
  });
});

describe("save", () => {
  const archive = join(dirname(md.root), "saved.tar");

  test("to a file or a pipe, and back", () => {
    expect(md.ok("save", "-o", archive, "example.com/app:1")).toBe("");
    const piped = spawnSync("node", ["--", PROGRAM, ...md.roots, "save", "example.com/app:1"]);
    expect(piped.stdout.equals(readFileSync(archive))).toBe(true);
    md.ok("rmi", "example.com/app:1");
    expect(md.callWith({ input: piped.stdout }, "load").stdout).toBe("Loaded image: example.com/app:1\n");
  });

  test("leaves no file of a failure", () => {
    const folder = join(dirname(md.root), "out");
    mkdirSync(folder);
    expect(md.call("save", "-o", join(folder, "x.tar"), "example.com/app:1", "nope")).toMatchObject({
      code: 1,
      stderr: "mini-docker: No such image: nope:latest\n",
    });
    expect(readdirSync(folder)).toEqual([]);
    expect(md.call("save", "-o", "/no/such/x.tar", "example.com/app:1").stderr).toBe(
      'mini-docker: invalid output path: directory "/no/such" does not exist\n',
    );
  });

  test("is nothing for a terminal", needs("program:script"), () => {
    const words = ["node", "--", PROGRAM, ...md.roots, "save", "example.com/app:1"];
    const shown = spawnSync("script", ["-qec", words.join(" "), "/dev/null"], { encoding: "utf8" });
    expect(shown.stdout).toContain("cowardly refusing to save to a terminal. Use the -o flag or redirect");
  });
});

describe("images --tree", () => {
  test("shows each image once, with the machines it is for", () => {
    md.ok("tag", "example.com/app:1", "app:2");
    expect(md.ok("images", "--tree")).toMatch(
      /^IMAGE +ID +CONTENT SIZE\nexample.com\/app:1, app:2 +[0-9a-f]{12} +6\.14kB\n└─ linux\/(amd|arm)64 +[0-9a-f]{12} +6\.14kB$/,
    );
    expect(md.call("images", "--tree", "app").stderr).toContain("--tree shows all images");
    md.ok("rmi", "app:2");
  });
});

describe("image prune", () => {
  test("takes with dangling=false what -a takes, and nothing that a label keeps", () => {
    expect(md.ok("image", "prune", "-f", "--filter", "dangling=true")).toBe("Total reclaimed space: 0B");
    expect(md.ok("image", "prune", "-f", "--filter", "dangling=false", "--filter", "label=no")).toContain(" 0B");
    expect(md.call("image", "prune", "-f", "--filter", "dangling=x").stderr).toContain("invalid filter 'dangling=x'");
    expect(md.ok("image", "prune", "-f", "--filter", "dangling=false")).toContain("untagged: example.com/app:1");
    expect(md.ok("images", "-q")).toBe("");
  });
});
