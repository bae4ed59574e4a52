import { Chalk } from "chalk";
import { describe, expect, test } from "vitest";
import type { Explored, SeenEntry } from "../../src/06-images/index.ts";
import { layerLines } from "../../src/cli/show/explore-layer.ts";
import { exploredLines, instruction } from "../../src/cli/show/explore-lines.ts";
import { largestPlaces } from "../../src/cli/show/explore-places.ts";
import { treeLines } from "../../src/cli/show/tree-lines.ts";
import { displayWidth } from "../../src/cli/show/width.ts";

const look = { columns: 80, paint: new Chalk({ level: 0 }) };
const entry = (path: string, bytes = 0, more: Partial<SeenEntry> = {}): SeenEntry => {
  return { change: "added", path, type: "file", mode: 0o644, uid: 0, gid: 0, bytes, ...more };
};

const explored: Explored = {
  id: `sha256:${"1".repeat(64)}`,
  layers: [
    {
      digest: `sha256:${"2".repeat(64)}`,
      diffId: `sha256:${"2".repeat(64)}`,
      storedBytes: 30_000_000,
      bytes: 80_000_000,
      wastedBytes: 20_000_000,
      entries: [
        entry("usr", 0, { type: "directory", mode: 0o755 }),
        entry("usr/lib/x86_64-linux-gnu/libc.so.6", 40_000_000),
        entry("usr/lib/x86_64-linux-gnu/libm.so.6", 20_000_000),
        entry("var/cache/apt/pkg.bin", 20_000_000, { hiddenBy: 1 }),
        entry("bin", 0, { type: "symlink", mode: 0o777, target: "usr/bin" }),
      ],
    },
    {
      digest: `sha256:${"3".repeat(64)}`,
      diffId: `sha256:${"3".repeat(64)}`,
      storedBytes: 100,
      bytes: 10,
      wastedBytes: 0,
      entries: [
        entry("etc/passwd", 10, { change: "changed" }),
        entry("var/cache/apt", 20_000_000, { change: "hidden", type: "directory", mode: 0o755, from: [0] }),
        entry("odd\nname\x1b[31m", 0, { mode: 0o4755 }),
      ],
    },
  ],
  steps: [
    { createdBy: "/bin/sh -c #(nop) ADD file:abc in / ", layer: 0 },
    { createdBy: "ENV A=B" },
    { createdBy: `RUN /bin/sh -c rm -rf /var/cache/apt && ${"echo ".repeat(20)} # buildkit`, layer: 1 },
  ],
};

describe("image explore", () => {
  test("is a picture of eighty columns", () => {
    const lines = exploredLines({ name: "app:1", platform: "linux/amd64" }, explored, look);
    expect(lines.join("\n")).toMatchInlineSnapshot(`
      "app:1  linux/amd64                       2 layers, 80MB of files, 30MB as stored

       1  ADD file:abc in /                                                       80MB
          ████████████████████████░░░░░░░░  +5                             20MB wasted
          +      60MB  usr/lib/x86_64-linux-gnu (2)
          +      20MB  var/cache/apt/pkg.bin                        deleted in layer 2
          +        0B  bin
          ENV A=B
       2  RUN rm -rf /var/cache/apt && echo echo echo echo echo echo echo e…       10B
          █                                 +1  ~1  -1
          -      20MB  var/cache/apt                                  still in layer 1
          ~       10B  etc/passwd
          +        0B  odd\\x0aname\\x1b[31m

      75 % efficient   20MB of 80MB are fetched, and never seen"
    `);
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(80);
  });

  test("of one layer is a tree, in which no name can do anything to the terminal", () => {
    const lines = layerLines(explored, 1, look);
    expect(lines.join("\n")).toMatchInlineSnapshot(`
      "layer 2 of 2   RUN rm -rf /var/cache/apt && echo echo echo echo echo echo echo …
      10B   sha256:3333333333333333333333333333333333333333333333333333333333333333

                             ├─ etc/
      ~ -rw-r--r--      10B  │  └─ passwd
      + -rwsr-xr-x       0B  ├─ odd\\x0aname\\x1b[31m
                             └─ var/
                                └─ cache/
      - drwxr-xr-x     20MB        └─ apt/                            still in layer 1"
    `);
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(80);
    expect(layerLines(explored, 0, look)).toContain("+ lrwxrwxrwx           ├─ bin → usr/bin");
  });

  test.each([
    ['/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'],
    ["/bin/sh -c apt-get  update", "RUN apt-get update"],
    ["RUN /bin/sh -c make # buildkit", "RUN make"],
    ["|2 A=1 B=2 /bin/sh -c make", "RUN make"],
    ["COPY . /app # buildkit", "COPY . /app"],
    ["", ""],
  ])("shows %j as the Dockerfile has it", (createdBy, expected) => {
    expect(instruction(createdBy)).toBe(expected);
  });
});

describe("largestPlaces", () => {
  test("goes as deep as one folder has nearly everything, and takes the largest", () => {
    const many = Array.from({ length: 50 }, (_, index) => entry(`usr/share/doc/p${index}/copyright`, 10));
    const places = largestPlaces([...many, entry("a", 1), entry("etc/x", 300), entry("etc/y", 200)], 2);
    expect(places.map(({ path, bytes, files }) => [path, bytes, files])).toEqual([
      ["usr/share/doc", 500, 50],
      ["etc/x", 300, 1],
    ]);
  });
});

describe("image tree", () => {
  const layer = (createdBy: string, images: string[], above: object[] = []) => {
    return { chainId: createdBy, sizeBytes: 1_000_000, createdBy, images, above: above as never[] };
  };

  test("draws a branch only where two images part", () => {
    const debian = layer(
      "ADD rootfs",
      ["debian:12"],
      [layer("RUN apt", [], [layer("COPY a", ["a:1", "a:2"]), layer("COPY b", ["b:1"])]), layer("RUN make", ["c:1"])],
    );
    const lines = treeLines({ layers: [debian, layer("base", ["base:latest"])], empty: [] }, look);
    expect(lines.join("\n")).toMatchInlineSnapshot(`
      "5 images, 6 layers, 6MB                                        sharing saves 4MB

           1MB  ● ADD rootfs                                                 debian:12
           1MB  ├─● RUN apt
           1MB  │ ├─● COPY a                                                  a:1, a:2
           1MB  │ ● COPY b                                                         b:1
           1MB  ● RUN make                                                         c:1

           1MB  ● base                                                     base:latest"
    `);
  });
});
