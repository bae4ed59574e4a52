// Overlay shows a stack of directories as one. Whatever is written lands in the upper directory; the layers below stay
// as they are, so a thousand containers share one copy of them. See Documentation/filesystems/overlayfs.rst.
//
//        upper    what this container changed             writable
//   lower[n-1]    what the image's last layer added   ┐
//         ...                                         ├   shared, never written
//     lower[0]    the image's first layer             ┘
//
// An image may have more layers than fit into mount(2)'s options, which are one page (4096 bytes). Linux 6.8 takes
// layers one call at a time. For older kernels every directory is opened first, and then has a name of two or three
// characters: its number in /proc/self/fd.

import {
  chdirStep,
  closeStep,
  fsconfigStep,
  fscreateStep,
  fsmountStep,
  fsopenStep,
  moveMountStep,
  O,
  openStep,
  type Path,
  type Ref,
  reg,
  type Step,
  step,
  type Text,
  UserError,
} from "../01-syscalls/index.ts";
import { type KernelSupport, kernelSupport } from "./support.ts";

/** OVL_MAX_STACK in fs/overlayfs: the kernel answers EINVAL to one more. */
export const MAX_LAYERS = 500;

/** Directories by their paths, or by descriptors that the steps before have left. */
export interface Stack {
  /** The layers, lowest first, as a manifest lists them. At least one. */
  lower: Path[];
  /** Takes all changes. Its own mode and owner are those of the container's `/`. */
  upper: Path;
  /** An empty directory on the same filesystem as `upper`; the kernel prepares files in it. */
  work: Path;
  /** The empty directory to mount on. */
  at: Path;
  options?: OverlayOptions;
}

/** All of them on disk, under absolute paths. */
export interface Overlay extends Stack {
  lower: string[];
  upper: string;
  work: string;
  at: string;
  /** `upper` and `work` are in a tmpfs of this size instead: see memory.ts. */
  memoryBytes?: number;
}

export interface OverlayOptions {
  /** Keep overlay's marks in `user.*` attributes: inside a user namespace the kernel allows no others. */
  userxattr?: boolean;
  /** Never sync. Faster, and what a crash leaves in `upper` is lost. */
  volatile?: boolean;
}

/**
 * Mounts the overlay on `at`, in the mount namespace of whoever carries the steps out. Afterwards the register
 * `rootfs` is a descriptor of its root. Throws UserError for more layers than the kernel takes.
 */
export function overlaySteps(overlay: Stack, support: KernelSupport = kernelSupport()): Step[] {
  const { length } = overlay.lower;
  if (length > MAX_LAYERS) throw new UserError(`an overlay has at most ${MAX_LAYERS} layers, this image has ${length}`);
  return support === "append" ? appendSteps(overlay) : pageSteps(overlay);
}

const flag = (key: string, why: string) => ({ key, value: undefined, why });

function optionsOf({ userxattr, volatile }: OverlayOptions = {}) {
  return [
    // A mark in a layer could otherwise point at a file which another layer was made to hide.
    { key: "metacopy", value: "off", why: "a copied-up file has all its contents" },
    { key: "redirect_dir", value: "nofollow", why: "a renamed directory is a real copy, which any tool can read" },
    { key: "index", value: "off", why: "layers and upper directories may be moved and copied" },
    ...(userxattr ? [flag("userxattr", "marks that this user namespace may read and set")] : []),
    ...(volatile ? [flag("volatile", "nobody needs these files after a crash")] : []),
  ];
}

// ---- Linux 6.8: one call a layer

function appendSteps({ lower, upper, work, at, options }: Stack): Step[] {
  const fs = reg("overlay");
  // The kernel counts from the top.
  const layers = lower.toReversed().flatMap((path, index) => {
    const why = index === 0 ? "the topmost layer" : "the layer below";
    return pathSteps(fs, "lowerdir+", path, `layer${lower.length - index}`, why);
  });
  return [
    fsopenStep({ type: "overlay", as: "overlay", why: "a new overlay, option by option" }),
    ...layers,
    ...pathSteps(fs, "upperdir", upper, "upper", "everything the container writes lands here"),
    ...pathSteps(fs, "workdir", work, "work", "where the kernel prepares a file before it appears in upper"),
    ...optionsOf(options).map(({ key, value, why }) => fsconfigStep({ fs, key, ...(value && { value }), why })),
    fscreateStep({ fs, why: "the options are complete" }),
    fsmountStep({ fs, as: "rootfs", why: "the stack as one tree, mounted nowhere yet" }),
    openStep({ path: at, flags: O.PATH | O.DIRECTORY, as: "mountpoint", why: "the empty directory of the bundle" }),
    moveMountStep({ from: reg("rootfs"), target: reg("mountpoint"), why: "a new root has to be a mount point" }),
  ];
}

/** fsconfig(2) takes at most 255 bytes and unescapes some; a path it would not take as it is goes by its descriptor. */
function pathSteps(fs: Ref, key: string, path: Path, register: string, why: string): Step[] {
  if (typeof path !== "string") return [fsconfigStep({ fs, key, value: path, why })];
  if (Buffer.byteLength(path) < 256 && !path.includes("\\")) return [fsconfigStep({ fs, key, value: path, why })];
  const value = { text: ["/proc/self/fd/", reg(register)] };
  return [
    openStep({ path, flags: O.PATH | O.DIRECTORY, as: register, why: "its path is too long for the next call" }),
    fsconfigStep({ fs, key, value, why }),
  ];
}

// ---- before: everything in one page

/** Every directory opened, and the stack as their numbers with colons between, topmost first. */
function shortNames({ lower, upper, work }: Omit<Stack, "at">) {
  const layers = lower.map((path, index) => ({ as: `layer${index + 1}`, path }));
  const all = [...layers, { as: "upper", path: upper }, { as: "work", path: work }];
  const why = "gives the directory a short name: its number";
  const opens = all.map(({ as, path }) => openStep({ path, flags: O.PATH | O.DIRECTORY, as, why }));
  const stack = layers.toReversed().flatMap(({ as }, index) => (index === 0 ? [reg(as)] : [":", reg(as)]));
  const enter = chdirStep({ path: "/proc/self/fd", why: "so that a descriptor's number is a path" });
  return { steps: [...opens, enter], stack, names: all.map(({ as }) => as) };
}

function pageSteps(overlay: Stack): Step[] {
  const { steps, stack } = shortNames(overlay);
  const { at, options } = overlay;
  const rest = optionsOf(options).map(({ key, value }) => (value === undefined ? `,${key}` : `,${key}=${value}`));
  const data: Text = {
    text: ["lowerdir=", ...stack, ",upperdir=", reg("upper"), ",workdir=", reg("work"), rest.join("")],
  };
  return [
    ...steps,
    step("mount", ["overlay", at, "overlay", 0, data], { why: "layers topmost first, then where changes go" }),
    chdirStep({ path: "/", why: "what was opened need not be seen any more" }),
    openStep({ path: at, flags: O.PATH | O.DIRECTORY, as: "rootfs", why: "the root of the overlay" }),
  ];
}

// ---- for looking into a container that isn't running

/**
 * The same stack, mounted nowhere: register `rootfs` is a descriptor of its root for this process. Older kernels are
 * given short names relative to /proc/self/fd, so whoever performs the steps puts its working directory back; and no
 * more than fit into fsconfig(2)'s 255 bytes, some sixty layers.
 */
export function detachedOverlaySteps(overlay: Omit<Stack, "at">, support: KernelSupport = kernelSupport()): Step[] {
  const steps = support === "append" ? appendSteps({ ...overlay, at: "" }).slice(0, -2) : shortNameSteps(overlay);
  return [...steps, closeStep({ fd: reg("overlay"), why: "the mount is made" })];
}

function shortNameSteps(overlay: Omit<Stack, "at">): Step[] {
  const { steps, stack, names } = shortNames(overlay);
  const fs = reg("overlay");
  const fields = { lowerdir: { text: stack }, upperdir: { text: [reg("upper")] }, workdir: { text: [reg("work")] } };
  return [
    ...steps,
    fsopenStep({ type: "overlay", as: "overlay", why: "a new overlay, option by option" }),
    ...Object.entries(fields).map(([key, value]) =>
      fsconfigStep({ fs, key, value, why: "layers, and where changes go" }),
    ),
    ...optionsOf(overlay.options).map(({ key, value, why }) => fsconfigStep({ fs, key, ...(value && { value }), why })),
    fscreateStep({ fs, why: "the options are complete" }),
    fsmountStep({ fs, as: "rootfs", why: "the stack as one tree, mounted nowhere" }),
    ...names.map((as) => closeStep({ fd: reg(as), why: "the mount holds it" })),
  ];
}
