// Another OCI runtime as a target, such as crun and runc: it gets the bundle that our engine makes of the same image and the
// same flags. It is a copy of the program that is attacked, so that an attack that succeeds changes nobody's.

import { copyFileSync, mkdtempSync, readFileSync, rmdirSync } from "node:fs";
import { basename, join } from "node:path";
import { UserError } from "../../01-syscalls/index.ts";
import { findMachine } from "../../04-cgroups/index.ts";
import type { Roots } from "../folders.ts";
import { NotPerformed } from "./attack.ts";
import { engineCall } from "./engine-target.ts";
import { call, type Said, type Standing, type Target, type Wish } from "./target.ts";

/** `program` is a name in PATH or a path; `folder` is for its copy, its state and the bundles. Throws UserError. */
export async function runtimeTarget(
  { program, folder, roots }: { program: string; folder: string; roots: Roots },
  flags: readonly string[] = [],
): Promise<Target> {
  const name = basename(program);
  const copy = join(folder, name);
  copyFileSync(await placeOf(program), copy);
  const engine = engineCall(roots);
  const runtime = [...withoutUnified(), copy, "--root", join(folder, "state")];
  let count = 0;

  /** A bundle of the container, in a folder of its own; the container itself isn't needed any more. */
  async function bundle({ image = "base", flags: more = [], command }: Wish) {
    const directory = mkdtempSync(join(folder, "bundle-"));
    const made = await engine(["create", ...flags, ...more, image, ...command]);
    const taken = made.code === 0 ? await engine(["bundle", made.stdout.trim(), "--copy", directory]) : made;
    if (made.code === 0) await engine(["rm", made.stdout.trim()]);
    if (taken.code !== 0) throw new NotPerformed(`its bundle can't be made: ${taken.stderr.trim()}`);
    return { directory, id: `arena-${process.pid}-${++count}` };
  }

  return {
    name,
    program: copy,
    isEngine: false,
    async run(wish) {
      const { directory, id } = await bundle(wish);
      const said = await call([...runtime, "run", "-b", directory, id], wish.open);
      await remove(id);
      return said;
    },
    async start(wish) {
      const { directory, id } = await bundle(wish);
      const output = join(directory, "output");
      const said = await startWriting(output, [...runtime, "run", "-d", "-b", directory, id], wish.open);
      if (said.code !== 0) throw new NotPerformed(`it didn't start: ${readFileSync(output, "utf8").trim()}`);
      return standing(id, output);
    },
  };

  async function remove(id: string): Promise<void> {
    await call([...runtime, "delete", "-f", id]);
    removeTheirParents();
  }

  function standing(id: string, output: string): Standing {
    return {
      exec: (command, { open, workdir, user } = {}) =>
        call(
          [...runtime, "exec", ...(workdir ? ["--cwd", workdir] : []), ...(user ? ["-u", user] : []), id, ...command],
          open,
        ),
      output: async () => readFileSync(output, "utf8"),
      pid: async () => (JSON.parse((await call([...runtime, "state", id])).stdout) as { pid: number }).pid,
      end: () => remove(id),
    };
  }
}

/** Others make our parent group also in hierarchies without controllers, which we leave alone, and they leave it there. */
function removeTheirParents(): void {
  for (const [, mountPoint] of readFileSync("/proc/self/mountinfo", "utf8").matchAll(
    /^(?:\S+ ){4}(\S+) .* - cgroup /gm,
  )) {
    try {
      rmdirSync(join(mountPoint as string, "mini-docker"));
    } catch {
      // It isn't there, or somebody is in it.
    }
  }
}

async function placeOf(program: string): Promise<string> {
  if (program.includes("/")) return program;
  const { code, stdout } = await call(["sh", "-c", 'command -v "$0"', program]);
  if (code !== 0) throw new UserError(`no runtime "${program}" is installed here`);
  return stdout.trim();
}

/** crun refuses machines that have cgroup v1 and v2 side by side: it gets a mount namespace where v2's tree is gone. */
function withoutUnified(): string[] {
  const { hierarchies } = findMachine();
  const isHybrid = hierarchies.some(({ version }) => version === 1);
  const unified = isHybrid
    ? hierarchies.filter(({ version }) => version === 2).map(({ mountPoint }) => mountPoint)
    : [];
  if (unified.length === 0) return [];
  const script = [...unified.map((path) => `umount -l ${path}`), 'exec "$0" "$@"'].join("; ");
  return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script];
}

/** A container that goes on has a file to print to, and no pipe of ours. */
function startWriting(output: string, argv: string[], open?: readonly number[]): Promise<Said> {
  return call(["sh", "-c", 'output=$0; exec "$@" >"$output" 2>&1', output, ...argv], open);
}
