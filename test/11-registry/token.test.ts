import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { changeIndex, loadArchive, nameEntry, parseReference } from "../../src/06-images/index.ts";
import { pushImage } from "../../src/11-registry/index.ts";
import { makeLayout, tarOf } from "../06-images/archives.ts";
import { needs } from "../support/needs.ts";
import { type RealRegistry, startRegistry } from "../support/registry.ts";
import { IDENTITY, startTokenService, type TokenService } from "../support/token-service.ts";
import { HASTE, puller } from "./pulling.ts";

const student = { username: "student", password: "secret" };

describe("docker-registry with a token service", needs("program:docker-registry", "program:openssl"), () => {
  let registry: RealRegistry;
  let tokens: TokenService;
  // Nobody is logged in here.
  const before = process.env.DOCKER_CONFIG;
  const folder = mkdtempSync(join(tmpdir(), "config-"));

  beforeAll(async () => {
    process.env.DOCKER_CONFIG = folder;
    const more = async (its: string) => {
      tokens = await startTokenService(its);
      return tokens.configuration;
    };
    registry = await startRegistry({ more });
  });
  afterAll(async () => {
    if (before === undefined) delete process.env.DOCKER_CONFIG;
    else process.env.DOCKER_CONFIG = before;
    rmSync(folder, { recursive: true });
    tokens.close();
    await registry.close();
  });

  /** A store that has an image under these names. */
  async function stocked(...names: string[]) {
    const mine = puller();
    await loadArchive(mine.root, makeLayout([tarOf([{ name: "a", content: names.join() }])]).directory);
    for (const name of names) changeIndex(mine.root, (all) => nameEntry(all, all[0]!, `${registry.host}/${name}`));
    const push = (name: string, options = {}) =>
      pushImage({ root: mine.root, state: mine.root }, parseReference(`${registry.host}/${name}`), {
        ...HASTE,
        ...options,
      });
    return { ...mine, push };
  }

  const asked = () => tokens.asked.splice(0);

  test("who may push does, with a token for that repository; another repository is read for a mount", async () => {
    const { push } = await stocked("public/app:1", "team/app:1");
    await push("public/app:1", { credentials: student });
    expect(asked()[0]).toBe("student: repository:public/app:pull,push");
    await push("team/app:1", { credentials: student });
    expect(asked()).toEqual([
      "student: repository:team/app:pull,push",
      "student: repository:team/app:pull,push repository:public/app:pull",
    ]);
  });

  test("anybody pulls what is public, with one token for all of it; not what isn't, and pushes nothing", async () => {
    const { push } = await stocked("public/more:1", "team/more:1");
    for (const name of ["public/more:1", "team/more:1"]) await push(name, { credentials: student });
    asked();
    await puller().pull(`${registry.host}/public/more:1`);
    expect(asked()).toEqual(["anybody: repository:public/more:pull"]);
    await expect(puller().pull(`${registry.host}/team/more:1`)).rejects.toMatchObject({
      message: expect.stringMatching(/^pull access denied for .*team\/more, .*: unauthorized: authentication required/),
      hint: expect.stringContaining("login"),
    });
    await expect(push("public/more:1")).rejects.toThrow(/push access denied for .*public\/more: unauthorized/);
  });

  test("a wrong password is refused by the service, in its words", async () => {
    const credentials = { ...student, password: "guess" };
    await expect(puller().pull(`${registry.host}/public/app:1`, { credentials })).rejects.toThrow(
      /unauthorized: incorrect username or password/,
    );
  });

  test("an identity token is exchanged for tokens", async () => {
    asked();
    const credentials = { username: "student", password: "", identityToken: IDENTITY };
    await puller().pull(`${registry.host}/team/app:1`, { credentials });
    expect(asked()).toEqual(["student: repository:team/app:pull"]);
  });

  test("a token that runs out is replaced", async () => {
    tokens.seconds = 0;
    asked();
    await puller().pull(`${registry.host}/public/app:1`);
    expect(asked().length).toBeGreaterThan(1);
    tokens.seconds = 300;
  });

  test("skopeo finds what we have pushed", needs("program:skopeo"), async () => {
    const image = `docker://${registry.host}/public/app:1`;
    // It asks the token service, which is in this process.
    const { stdout } = await promisify(execFile)("skopeo", ["inspect", "--tls-verify=false", image]);
    expect(JSON.parse(stdout).RepoTags).toEqual(["1"]);
  });
});
