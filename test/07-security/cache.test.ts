import { createHash } from "node:crypto";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { compileFilter } from "../../src/07-security/compile.ts";
import { COMPILER_VERSION, cachedFilter, defaultProfile } from "../../src/07-security/index.ts";

const profile = defaultProfile({ capabilities: [], architecture: "SCMP_ARCH_X86_64", kernel: "6.18" });

describe("cachedFilter", () => {
  let folder: string;
  let cache: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "mini-docker-test-"));
    cache = join(folder, "seccomp");
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  test("is the compiled filter, both times", async () => {
    const compiled = compileFilter(profile);
    expect(await cachedFilter(cache, profile)).toEqual(compiled);
    expect(await cachedFilter(cache, profile)).toEqual(compiled);
    expect(readdirSync(cache)).toEqual([expect.stringMatching(/^[0-9a-f]{8}$/)]);
  });

  test("isn't compiled again", async () => {
    await cachedFilter(cache, profile);
    const [file = ""] = readdirSync(cache);
    utimesSync(join(cache, file), 1, 1);
    await cachedFilter(cache, profile);
    expect(statSync(join(cache, file)).mtimeMs).toBe(1000);
  });

  test("another profile is another file, other flags aren't", async () => {
    await cachedFilter(cache, profile);
    await cachedFilter(cache, { ...profile, flags: ["SECCOMP_FILTER_FLAG_LOG"] });
    expect(readdirSync(cache)).toHaveLength(1);
    await cachedFilter(cache, { ...profile, defaultErrnoRet: 2 });
    expect(readdirSync(cache)).toHaveLength(2);
  });

  test("what another profile has left under the same name is no filter of this one", async () => {
    await cachedFilter(cache, profile);
    const file = join(cache, readdirSync(cache)[0]!);
    const kept = readFileSync(file, "latin1");
    writeFileSync(file, kept.replace("SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO").slice(0, -8), "latin1");
    expect(await cachedFilter(cache, profile)).toEqual(compileFilter(profile));
  });

  test("half a file is no filter", async () => {
    await cachedFilter(cache, profile);
    const file = join(cache, readdirSync(cache)[0]!);
    for (const bytes of [0, 12, statSync(file).size - 4]) {
      truncateSync(file, bytes);
      expect(await cachedFilter(cache, profile)).toEqual(compileFilter(profile));
    }
  });
});

test("COMPILER_VERSION is raised when the compiler makes something else of a profile", () => {
  const digest = createHash("sha256").update(compileFilter(profile, "SCMP_ARCH_X86_64")).digest("hex");
  expect({ COMPILER_VERSION, digest }).toMatchInlineSnapshot(`
    {
      "COMPILER_VERSION": 1,
      "digest": "dcdde7fb638afc45631d59ab979345be5efd55189198d5e88373b77ddff7bbd2",
    }
  `);
});
