import { describe, expect, test } from "vitest";
import { type Step, spellCall, UserError } from "../../src/01-syscalls/index.ts";
import { MAX_LAYERS, overlaySteps } from "../../src/05-overlay/index.ts";

const overlay = { lower: ["/l/base", "/l/app"], upper: "/c/upper", work: "/c/work", at: "/c/rootfs" };
const calls = (steps: Step[]) => steps.map(spellCall);

describe("overlaySteps", () => {
  test("tells a new kernel one layer a call, topmost first", () => {
    expect(calls(overlaySteps(overlay, "append"))).toMatchInlineSnapshot(`
      [
        "fsopen("overlay", FSOPEN_CLOEXEC)",
        "fsconfig($overlay, FSCONFIG_SET_STRING, "lowerdir+", "/l/app", 0)",
        "fsconfig($overlay, FSCONFIG_SET_STRING, "lowerdir+", "/l/base", 0)",
        "fsconfig($overlay, FSCONFIG_SET_STRING, "upperdir", "/c/upper", 0)",
        "fsconfig($overlay, FSCONFIG_SET_STRING, "workdir", "/c/work", 0)",
        "fsconfig($overlay, FSCONFIG_SET_STRING, "metacopy", "off", 0)",
        "fsconfig($overlay, FSCONFIG_SET_STRING, "redirect_dir", "nofollow", 0)",
        "fsconfig($overlay, FSCONFIG_SET_STRING, "index", "off", 0)",
        "fsconfig($overlay, FSCONFIG_CMD_CREATE, NULL, NULL, 0)",
        "fsmount($overlay, FSMOUNT_CLOEXEC, 0)",
        "openat(AT_FDCWD, "/c/rootfs", O_DIRECTORY|O_CLOEXEC|O_PATH, 0)",
        "move_mount($rootfs, "", $mountpoint, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)",
      ]
    `);
  });

  test("gives an old kernel all in one page, each directory by its descriptor's number", () => {
    expect(
      calls(overlaySteps({ ...overlay, options: { userxattr: true, volatile: true } }, "page")),
    ).toMatchInlineSnapshot(`
      [
        "openat(AT_FDCWD, "/l/base", O_DIRECTORY|O_CLOEXEC|O_PATH, 0)",
        "openat(AT_FDCWD, "/l/app", O_DIRECTORY|O_CLOEXEC|O_PATH, 0)",
        "openat(AT_FDCWD, "/c/upper", O_DIRECTORY|O_CLOEXEC|O_PATH, 0)",
        "openat(AT_FDCWD, "/c/work", O_DIRECTORY|O_CLOEXEC|O_PATH, 0)",
        "chdir("/proc/self/fd")",
        "mount("overlay", "/c/rootfs", "overlay", 0, "lowerdir=$layer2:$layer1,upperdir=$upper,workdir=$work,metacopy=off,redirect_dir=nofollow,index=off,userxattr,volatile")",
        "chdir("/")",
        "openat(AT_FDCWD, "/c/rootfs", O_DIRECTORY|O_CLOEXEC|O_PATH, 0)",
      ]
    `);
  });

  test("a path that fsconfig would cut or unescape goes by its descriptor", () => {
    const [long, odd] = [`/l/${"x".repeat(300)}`, "/l/back\\slash"];
    const steps = calls(overlaySteps({ ...overlay, lower: [long, odd, "/l/plain"] }, "append"));
    expect(steps.filter((call) => call.includes("lowerdir+"))).toMatchInlineSnapshot(`
      [
        "fsconfig($overlay, FSCONFIG_SET_STRING, "lowerdir+", "/l/plain", 0)",
        "fsconfig($overlay, FSCONFIG_SET_STRING, "lowerdir+", "/proc/self/fd/$layer2", 0)",
        "fsconfig($overlay, FSCONFIG_SET_STRING, "lowerdir+", "/proc/self/fd/$layer1", 0)",
      ]
    `);
    expect(steps.filter((call) => call.startsWith("openat")).length).toBe(3);
  });

  test("one layer more than the kernel takes is the user's mistake, told before anything is done", () => {
    const lower = Array.from({ length: MAX_LAYERS + 1 }, (_, index) => `/l/${index}`);
    expect(() => overlaySteps({ ...overlay, lower }, "append")).toThrow(UserError);
  });
});
