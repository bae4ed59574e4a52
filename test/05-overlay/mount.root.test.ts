import { closeSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CLONE, perform, SyscallError } from "../../src/01-syscalls/index.ts";
import { detachedOverlaySteps, getXattr, kernelSupport, MAX_LAYERS } from "../../src/05-overlay/index.ts";
import { needs } from "../support/needs.ts";
import { makeStack, mapOneId, runInOverlay } from "./stack.ts";

const supports = kernelSupport() === "append" ? (["append", "page"] as const) : (["page"] as const);

describe.each(supports)("an overlay told by %s", (support) => {
  test("shows all layers, the topmost of a name, and keeps every write to the upper directory", () => {
    const stack = makeStack(2);
    writeFileSync(join(stack.lower[0]!, "below"), "1");
    writeFileSync(join(stack.lower[0]!, "both"), "1");
    writeFileSync(join(stack.lower[1]!, "both"), "2");
    const { stdout } = runInOverlay(stack, "cat below both; echo 3 > both; rm below; ls", { support });
    expect(stdout).toBe("12both\n");
    expect(readFileSync(join(stack.upper, "both"), "utf8")).toBe("3\n");
    expect(readFileSync(join(stack.lower[0]!, "below"), "utf8")).toBe("1");
    expect(readFileSync(join(stack.lower[1]!, "both"), "utf8")).toBe("2");
  });

  test("is seen in its own mount namespace only", () => {
    const stack = makeStack(1);
    expect(runInOverlay(stack, "echo x > inside", { support }).exitCode).toBe(0);
    expect(existsSync(join(stack.at, "inside"))).toBe(false);
  });

  test(`takes ${MAX_LAYERS} layers, far more than their paths fit into a page`, () => {
    const stack = makeStack(MAX_LAYERS);
    for (const [index, layer] of stack.lower.entries()) writeFileSync(join(layer, `from-${index}`), "");
    const { stdout } = runInOverlay(stack, "ls | wc -l", { support });
    expect(stdout.trim()).toBe(String(MAX_LAYERS));
    expect(stack.lower.join(":").length).toBeGreaterThan(4096);
  });

  test("finds layers whose paths the calls could not take as they are", () => {
    const stack = makeStack(1);
    const deep = join(stack.lower[0]!, "d".repeat(200), "comma,colon:back\\slash", "e".repeat(100));
    mkdirSync(deep, { recursive: true });
    writeFileSync(join(deep, "found"), "");
    expect(runInOverlay({ ...stack, lower: [deep] }, "ls", { support }).stdout).toBe("found\n");
  });

  test("can be looked at without being mounted anywhere", () => {
    const stack = makeStack(2);
    for (const [index, layer] of stack.lower.entries()) writeFileSync(join(layer, `from-${index}`), "");
    const folder = process.cwd();
    const { rootfs } = perform(detachedOverlaySteps(stack, support));
    process.chdir(folder);
    expect(readdirSync(`/proc/self/fd/${rootfs}`)).toEqual(["from-0", "from-1"]);
    closeSync(rootfs!);
  });

  test("names the call when a layer is missing", () => {
    const stack = makeStack(1);
    const run = () => runInOverlay({ ...stack, lower: [...stack.lower, "/no/such/layer"] }, "ls", { support });
    expect(run).toThrow(SyscallError);
    expect(run).toThrow(/"\/no\/such\/layer".* = ENOENT/);
  });

  test("mounts and marks with user attributes in a user namespace", needs("userns"), () => {
    const stack = makeStack(1);
    mkdirSync(join(stack.lower[0]!, "folder"));
    writeFileSync(join(stack.lower[0]!, "folder", "old"), "");
    const inUserns = { support, options: { userxattr: true }, flags: CLONE.NEWNS | CLONE.NEWUSER, beside: mapOneId() };
    const { stdout } = runInOverlay(stack, "rm -r folder; mkdir folder; ls -A folder; echo ok", inUserns);
    expect(stdout).toBe("ok\n");
    expect(getXattr(join(stack.upper, "folder"), "user.overlay.opaque")?.toString()).toBe("y");
  });
});
