// Compiles the few hundred lines of C that must run where Node can't: between clone and execve, and after the CLI has gone.
//
// Each `native/NAME.c` is one program. It gets no libc: it is static, a few kilobytes, starts in microseconds and
// brings nothing of the host's into a container. A program is rebuilt when its source, a header or this file changed.

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

export const FLAGS = [
  "-std=gnu11",
  "-Wall",
  "-Wextra",
  "-Werror",
  "-Os",
  "-static",
  "-nostdlib",
  "-ffreestanding",
  // No libc: nobody to call when a canary dies, nobody to unwind for.
  "-fno-stack-protector",
  "-fno-asynchronous-unwind-tables",
  "-fno-pie",
  "-no-pie",
  "-fno-ident",
  "-s",
  "-Wl,--build-id=none",
  "-Wl,-z,noexecstack",
  "-Wl,-z,noseparate-code",
];

/** The compilers we know, by Node's name of the architecture they compile for. */
const COMPILERS = {
  x64: process.arch === "x64" ? "cc" : "x86_64-linux-gnu-gcc",
  arm64: process.arch === "arm64" ? "cc" : "aarch64-linux-gnu-gcc",
};

/** What only one architecture needs: arm64's atomics would otherwise be calls into libgcc. */
const ARCH_FLAGS = { arm64: ["-mno-outline-atomics"] };

/** Compiles for this machine into `native/build`, and puts a copy where the package ships it. */
export function buildNative() {
  for (const source of sources()) {
    const name = basename(source, ".c");
    const shipped = join(root, "dist/native", process.arch, name);
    const output = compile({ source, output: join(root, "native/build", name), arch: process.arch });
    if (isOlder(shipped, [output])) install(shipped, (draft) => copyFileSync(output, draft));
  }
}

/** Compiles for every architecture whose compiler is here, as the package ships them; says which are left out. */
export function buildShipped() {
  for (const arch of Object.keys(COMPILERS)) {
    if (hasCompiler(arch)) {
      for (const source of sources()) {
        compile({ source, output: join(root, "dist/native", arch, basename(source, ".c")), arch });
      }
    } else {
      console.warn(`No ${COMPILERS[arch]} with the kernel's headers: the package will not run on ${arch} machines`);
    }
  }
}

/**
 * Compiles one program unless `output` is newer than all it is made of; returns `output`.
 * A test may bring `flags` of its own, to build with the sanitizers or on libc. Throws one line if there is no compiler.
 */
export function compile({ source, output, arch = process.arch, flags = FLAGS }) {
  const headers = readdirSync(dirname(source)).filter((name) => name.endsWith(".h"));
  const inputs = [source, ...headers.map((name) => join(dirname(source), name)), fileURLToPath(import.meta.url)];
  if (isOlder(output, inputs)) {
    install(output, (draft) => cc(arch, [...flags, ...(ARCH_FLAGS[arch] ?? []), "-o", draft, source]));
  }
  return output;
}

function sources() {
  const folder = join(root, "native");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => name.endsWith(".c")).map((name) => join(folder, name));
}

function cc(arch, args) {
  const compiler = process.env.CC && arch === process.arch ? process.env.CC : COMPILERS[arch];
  const { error, status } = spawnSync(compiler, args, { stdio: "inherit" });
  if (error?.code === "ENOENT") {
    throw new BuildError(`No C compiler: "${compiler}" is not installed. On Debian or Ubuntu: apt install gcc`);
  }
  if (error) throw error;
  if (status !== 0) throw new BuildError(`${compiler} could not compile ${args.at(-1)}`);
}

/** One for another architecture may be installed without that architecture's headers. */
function hasCompiler(arch) {
  const args = ["-fsyntax-only", "-include", "asm/unistd.h", "-xc", "/dev/null"];
  return spawnSync(COMPILERS[arch], args, { stdio: "ignore" }).status === 0;
}

function isOlder(output, inputs) {
  const time = statSync(output, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return inputs.some((input) => statSync(input).mtimeMs > time);
}

/** Puts a file in place in one move: the old one may be running, and two builds may meet. */
function install(output, write) {
  const draft = `${output}.${process.pid}`;
  mkdirSync(dirname(output), { recursive: true });
  write(draft);
  renameSync(draft, output);
}

/** What the person at the keyboard can mend; shown without a stack. */
export class BuildError extends Error {}
