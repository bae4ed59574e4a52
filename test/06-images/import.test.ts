import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { findImage, importArchive, listImages, unpackImage } from "../../src/06-images/index.ts";
import { sha256, tarOf, temporaryFolder } from "./archives.ts";

const tree = tarOf([
  { name: "./", type: "5", mode: 0o755 },
  { name: "./hello", content: "world" },
]);

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

describe("importArchive", () => {
  test("makes an image of one layer, compressed or not", async () => {
    for (const archive of [tree, gzipSync(tree)]) {
      const root = temporaryFolder();
      const options = { name: "docker.io/library/x:1", message: "made by hand", defaults: { Cmd: ["sh"] } };
      const id = await importArchive(root, once(archive), options);
      const image = (await findImage(root, "x:1"))!;
      expect(image).toMatchObject({ id, layers: [{ digest: sha256(archive), size: archive.length }] });
      expect(image.config).toMatchObject({
        config: { Cmd: ["sh"] },
        rootfs: { diff_ids: [sha256(tree)] },
        history: [{ comment: "made by hand" }],
      });
      const [directory] = await unpackImage(root, image);
      expect(readFileSync(join(directory!, "hello"), "utf8")).toBe("world");
    }
  });

  test("without a name it is there by its id, and says where it came from", async () => {
    const root = temporaryFolder();
    const id = await importArchive(root, once(tree));
    expect(listImages(root)).toMatchObject([{ id, repository: undefined }]);
    expect((await findImage(root, id))?.config.history?.[0]?.comment).toBe("Imported from -");
  });

  const refused: [string, Buffer, RegExp][] = [
    ["nothing", Buffer.alloc(0), /it is empty/],
    ["no archive", Buffer.from("x".repeat(2000)), /checksum is wrong/],
    ["one that is cut", tree.subarray(0, 700), /unexpected EOF/],
    ["one that is cut while packed", gzipSync(tree).subarray(0, 60), /cut short or damaged/],
    ["one that climbs out", tarOf([{ name: "../x" }]), /may not/],
    ["bzip2", execFileSync("bzip2", ["-c"], { input: tree }), /compressed with bzip2, which is not supported/],
    ["xz", Buffer.from("fd377a585a000004", "hex"), /compressed with xz, which is not supported/],
  ];
  test.each(refused)("refuses %s, and leaves nothing", async (_, archive, message) => {
    const root = temporaryFolder();
    const importing = importArchive(root, once(archive));
    await expect(importing).rejects.toMatchObject({ name: "UserError", message: expect.stringMatching(message) });
    await expect(importing).rejects.toThrow("cannot import standard input: ");
    expect(readdirSync(root).sort()).toEqual(["locks", "tmp"]);
    expect(readdirSync(join(root, "tmp"))).toEqual([]);
  });

  test("a file that isn't there", async () => {
    await expect(importArchive(temporaryFolder(), "/no/such")).rejects.toThrow(
      "open /no/such: no such file or directory",
    );
    const path = join(temporaryFolder(), "tree.tar");
    writeFileSync(path, tree);
    const root = temporaryFolder();
    const image = await findImage(root, await importArchive(root, path));
    expect(image?.config.history?.[0]?.comment).toBe(`Imported from ${path}`);
  });
});
