import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeLayout, tarOf } from "../06-images/archives.ts";
import { serve } from "../11-registry/small-registry.ts";
import { cliForTests, ended } from "../support/cli.ts";
import { needs } from "../support/needs.ts";
import { type RealRegistry, startRegistry } from "../support/registry.ts";

const md = cliForTests();
let registry: RealRegistry;
let app: string;
let digest: string;

describe(
  "an image that skopeo has pushed to docker-registry",
  needs("program:skopeo", "program:docker-registry"),
  () => {
    beforeAll(async () => {
      registry = await startRegistry();
      app = `${registry.host}/team/app:1`;
      md.ok("run", "--rm", "base", "true");
      const store = `oci:${md.root}/images:localhost/base:latest`;
      for (const tag of ["1", "2"]) registry.skopeo("copy", "-q", store, `docker://${registry.host}/team/app:${tag}`);
      digest = JSON.parse(registry.skopeo("inspect", `docker://${app}`)).Digest;
      md.ok("rmi", "base");
    });
    afterAll(() => registry.close());

    test("is pulled, and said to be, as Docker does", () => {
      expect(md.ok("pull", app).split("\n")).toEqual([
        "1: Pulling from team/app",
        expect.stringMatching(/^[0-9a-f]{12}: Pulling fs layer$/),
        expect.stringMatching(/^[0-9a-f]{12}: Verifying Checksum$/),
        expect.stringMatching(/^[0-9a-f]{12}: Download complete$/),
        expect.stringMatching(/^[0-9a-f]{12}: Pull complete$/),
        `Digest: ${digest}`,
        `Status: Downloaded newer image for ${app}`,
        app,
      ]);
      expect(md.ok("run", "--rm", "--pull", "never", app, "echo", "it runs")).toBe("it runs");
    });

    test("is there under its digest, for us and for skopeo", () => {
      expect(md.ok("images", "--digests", "--format", "{{.Repository}}:{{.Tag}} {{.Digest}}")).toBe(`${app} ${digest}`);
      expect(JSON.parse(registry.skopeo("inspect", `oci:${md.root}/images:${app}`)).Digest).toBe(digest);
      expect(md.ok("events", "--since", "0", "--until", "0s", "--format", "{{.Action}}")).toContain("pull");
    });

    test("comes once: a second pull finds it up to date, another tag finds its layers", () => {
      expect(md.ok("pull", app)).toContain(`Status: Image is up to date for ${app}`);
      const other = md.ok("pull", `${registry.host}/team/app:2`);
      expect(other).toMatch(/^[0-9a-f]{12}: Already exists$/m);
      expect(other).toContain("Status: Downloaded newer image");
    });

    test("-q prints its name and nothing else", () => {
      expect(md.ok("pull", "-q", app)).toBe(app);
    });

    test("-a pulls all tags", () => {
      const said = md.ok("pull", "-a", `${registry.host}/team/app`);
      expect(said).toContain("1: Pulling from team/app\n");
      expect(said).toContain("2: Pulling from team/app\n");
      expect(md.call("pull", "-a", app).stderr).toContain("tag can't be used with --all-tags/-a");
    });

    test("is pulled by its digest, and then has no tag", () => {
      const name = `${registry.host}/team/app@${digest}`;
      md.ok("rmi", "-f", app, `${registry.host}/team/app:2`);
      expect(md.ok("pull", name)).toContain(`${digest}: Pulling from team/app\n`);
      expect(md.ok("images", "--format", "{{.Repository}}:{{.Tag}}")).toBe(`${registry.host}/team/app:<none>`);
      expect(md.ok("run", "--rm", name, "echo", "by digest")).toBe("by digest");
      md.ok("rmi", name);
      expect(md.ok("images", "-q")).toBe("");
    });

    test("is fetched by run when it isn't here, which is said on standard error", () => {
      const said = md.call("run", "--rm", app, "echo", "fetched");
      expect(said).toMatchObject({ code: 0, stdout: "fetched\n" });
      expect(said.stderr).toContain(`Unable to find image '${app}' locally\n1: Pulling from team/app\n`);
      expect(said.stderr).toContain(`Status: Downloaded newer image for ${app}\n`);
      const again = md.call("run", "--rm", "--pull", "always", app, "true").stderr;
      expect(again).toContain(`Status: Image is up to date for ${app}`);
      expect(md.call("run", "--rm", "-q", "--pull", "always", app, "true").stderr).toBe("");
    });

    test("isn't there under a name that nobody pushed", () => {
      const said = md.call("pull", `${registry.host}/team/app:nosuch`);
      expect(said).toMatchObject({ code: 1 });
      expect(said.stderr).toMatch(/^mini-docker: manifest for .*\/team\/app:nosuch not found: manifest unknown: /m);
      expect(md.call("run", `${registry.host}/nosuch`)).toMatchObject({ code: 125 });
    });
  },
);

test("a registry that isn't there: pull says so", () => {
  expect(md.call("pull", "127.0.0.1:1/x")).toMatchObject({
    code: 1,
    stderr: 'mini-docker: Get "http://127.0.0.1:1/v2/": connection refused\n',
  });
});

describe("pull that is stopped", () => {
  /** An image whose one layer comes up to its middle, and then nothing does until the test says so. */
  async function stuck() {
    const noise = Buffer.from(Array.from({ length: 400_000 }, (_, index) => (index * index) % 251));
    const layout = makeLayout([tarOf([{ name: "noise", content: noise }])]);
    const registry = await serve(layout);
    const begun = new Promise<void>((resolve) =>
      registry.instead(new RegExp(layout.layers[0]!), ({ headers }, response, content) => {
        if (headers.range) return false;
        response.writeHead(200, { "Content-Length": content!.bytes.length });
        return response.write(content!.bytes.subarray(0, 200_000), () => resolve());
      }),
    );
    return { layout, registry, begun, app: `${registry.host}/app` };
  }

  /** Files that nothing refers to, and what came in part. */
  const left = (folder: string) => {
    const path = join(md.root, folder);
    return existsSync(path) ? readdirSync(path) : [];
  };

  test.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)("by %s leaves what came, and no image", async (signal) => {
    const { layout, registry, begun, app } = await stuck();
    const pulling = md.begin("pull", app);
    const said = ended(pulling);
    await begun;
    const partial = `${layout.layers[0]!.replace(":", "-")}`;
    await expect
      .poll(() => existsSync(join(md.root, "partial", partial)) && statSync(join(md.root, "partial", partial)).size)
      .toBe(200_000);
    pulling.kill(signal);
    const { code, stderr } = await said;
    if (signal !== "SIGKILL") expect({ code, stderr }).toEqual({ code: signal === "SIGINT" ? 130 : 143, stderr: "" });
    expect(md.ok("images", "--format", "{{.Repository}}")).not.toContain(registry.host);
    if (signal !== "SIGKILL") expect(left("tmp")).toEqual([]);

    const again = await ended(md.begin("pull", app));
    expect(again).toMatchObject({ code: 0, stderr: "" });
    expect(registry.asked).toContain(`GET /v2/app/blobs/${layout.layers[0]} bytes=200000-`);
    expect([...left("tmp"), ...left("partial")]).toEqual([]);
    md.ok("rmi", app);
  });
});
