import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { changeIndex, nameEntry, storedImage } from "../../src/06-images/index.ts";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";
import { type RealRegistry, startRegistry } from "../support/registry.ts";

const md = cliForTests();
let registry: RealRegistry;

/** A second name for `base`. */
function name(image: string): string {
  const { digest } = storedImage(md.root, "base")!;
  const given = (entries: Parameters<typeof nameEntry>[0]) => entries.find((entry) => entry.digest === digest)!;
  changeIndex(md.root, (entries) => nameEntry(entries, given(entries), image));
  return image;
}

describe("an image of ours, pushed to docker-registry", needs("program:skopeo", "program:docker-registry"), () => {
  beforeAll(async () => {
    registry = await startRegistry();
    md.ok("run", "--rm", "base", "true");
  });
  afterAll(() => registry.close());

  test("is said to be, as Docker does, and not sent twice", () => {
    const app = name(`${registry.host}/team/app:1`);
    const { digest } = storedImage(md.root, "base")!;
    const closing = expect.stringMatching(new RegExp(`^1: digest: ${digest} size: \\d+$`));
    expect(md.ok("push", app).split("\n")).toEqual([
      `The push refers to repository [${registry.host}/team/app]`,
      expect.stringMatching(/^[0-9a-f]{12}: Pushed$/),
      closing,
    ]);
    expect(md.ok("push", app).split("\n")[1]).toMatch(/^[0-9a-f]{12}: Layer already exists$/);
    expect(md.ok("push", "-q", app)).toBe(app);
  });

  test("has the same digest there, and comes back as what it was", () => {
    const { digest } = storedImage(md.root, "base")!;
    const there = `docker://${registry.host}/team/app:1`;
    expect(JSON.parse(registry.skopeo("inspect", there)).Digest).toBe(digest);
    const folder = join(md.root, "..", "copied");
    registry.skopeo("copy", "-q", "--preserve-digests", there, `oci:${folder}:1`);
    expect(JSON.parse(execFileSync("skopeo", ["inspect", `oci:${folder}:1`], { encoding: "utf8" })).Digest).toBe(
      digest,
    );
  });

  test("is taken over by another repository there", () => {
    const other = name(`${registry.host}/team/other:1`);
    expect(md.ok("push", other)).toMatch(/^[0-9a-f]{12}: Mounted from team\/app$/m);
    expect(JSON.parse(registry.skopeo("inspect", `docker://${other}`)).Layers).toHaveLength(1);
  });

  test("-a pushes all its tags", () => {
    name(`${registry.host}/team/app:2`);
    name(`${registry.host}/team/app:3`);
    const said = md.ok("push", "-a", `${registry.host}/team/app`);
    expect(said.match(/^\d: digest: /gm)).toEqual(["1: digest: ", "2: digest: ", "3: digest: "]);
    const { Tags } = JSON.parse(registry.skopeo("list-tags", `docker://${registry.host}/team/app`));
    expect(Tags.sort()).toEqual(["1", "2", "3"]);
  });

  test.each([
    ["nosuch", "An image does not exist locally with the tag: nosuch"],
    ["team/app:9", "tag does not exist: HOST/team/app:9"],
    ["team/app@sha256:".padEnd(80, "0"), "cannot push a digest reference"],
  ])("is refused where there is none: %s", (image, message) => {
    const typed = image.includes("/") ? `${registry.host}/${image}` : image;
    expect(md.call("push", typed)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(message.replace("HOST", registry.host)),
    });
  });
});
