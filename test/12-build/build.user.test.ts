import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryRoots } from "../support/engine.ts";
import { needs } from "../support/needs.ts";
import { build, unfinished } from "./builds.ts";

const shell = (script: string) => execFileSync("sh", ["-c", script], { encoding: "utf8" }).trimEnd();

describe("an ordinary user's build", needs("user", "overlay"), () => {
  test("runs, copies and mounts, and what he makes is root's in the image", async () => {
    const roots = temporaryRoots();
    const dockerfile = `FROM base AS a
RUN id -u; mkdir /o; echo stage > /o/f; rm -r /opt; mkdir /opt; touch /opt/new; rm /bin/vi
FROM a
COPY --chown=7:8 f /f
COPY --from=a /o /o2
WORKDIR /w
RUN --mount=from=a,source=/o,target=/m --mount=target=/c --mount=type=cache,target=/k \\
  --mount=type=secret,id=s cat /m/f /c/f /run/secrets/s; ls /opt; touch /k/x`;
    const secrets = new Map([["s", { source: { value: "hush\n" } }]]);
    const { output, image, warnings } = await build(roots, { f: "context\n", Dockerfile: dockerfile }, { secrets });
    expect(warnings).toEqual([
      "Dockerfile:4: COPY --chown=7:8: its files are root's, since only root's builds have other users",
    ]);
    expect(output).toBe("0\nstage\ncontext\nhush\nnew\n");
    const blobs = image.layers.map(({ digest }) => join(roots.root, "images/blobs/sha256", digest.slice(7)));
    const names = shell(`for blob in ${blobs.slice(1).join(" ")}; do tar tf $blob; done`).split("\n");
    expect(names).toEqual([
      "bin/",
      "bin/.wh.vi",
      "o/",
      "o/f",
      "opt/",
      "opt/.wh..wh..opq",
      "opt/new",
      "f",
      "o2/",
      "o2/f",
      "w/",
    ]);
    expect(shell(`for blob in ${blobs.join(" ")}; do tar tvf $blob; done | awk '{print $2}' | sort -u`)).toMatch(
      /^(0\/0|root\/root)(\n(0\/0|root\/root))?$/,
    );
    expect(unfinished(roots)).toEqual([]);
    expect((await build(roots, { f: "context\n", Dockerfile: dockerfile }, { secrets })).made).toEqual([]);
  });

  test("says that there is nobody but root", async () => {
    await expect(build(temporaryRoots(), { Dockerfile: "FROM base\nUSER nobody\nRUN id" })).rejects.toThrow(
      "only root (0) exists",
    );
  });
});
