// `RUN --mount`: what a command sees besides the image, and leaves no trace of in it.
//
//   bind    files of the context, of a stage or of an image; what is written there is thrown away
//   cache   a directory of the engine's that outlives the build
//   tmpfs   an empty one that doesn't
//   secret  a file that was given on the command line, or a variable
//
// See the Dockerfile reference, "RUN --mount".

import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, posix } from "node:path";
import { O, UserError } from "../01-syscalls/index.ts";
import { openRoot } from "../02-rootfs/index.ts";
import { copyLayers, toBytePath, toText } from "../05-overlay/index.ts";
import { digestOf } from "../06-images/digest.ts";
import { makeFolder } from "../06-images/index.ts";
import { lent, openFrom, WITHIN } from "../10-containers/copy/descriptors.ts";
import { Lock } from "../10-containers/files.ts";
import { removeFolder } from "../10-containers/remove-folder.ts";
import type { MountOption } from "../10-containers/spec/options.ts";
import { MissingSource } from "./copy.ts";
import type { Surroundings } from "./deed.ts";
import { Fingerprint } from "./fingerprint.ts";
import { Ignored } from "./ignore.ts";
import type { MountWish } from "./mount-wish.ts";
import { placeInto } from "./place.ts";
import { componentsOf, select, tellSelected } from "./select.ts";
import { type CopySource, contextSource } from "./sources.ts";
import { type View, within } from "./views.ts";
import type { RunWish, Workspace } from "./workspace.ts";

const ASK_AGAIN_MS = 20;

/** Where scripts are found that name their interpreter. */
export const SCRIPTS = "/dev/pipes";

/** What `RUN` gets besides its command. */
export interface Mounted {
  mounts: MountOption[];
  launching: Omit<RunWish, "options">;
}

export interface Mounting {
  mounts: MountWish[];
  /** A program that is part of the Dockerfile, and appears in SCRIPTS. */
  script: { name: string; content: string } | undefined;
  around: Surroundings;
  workspace: Workspace;
}

/** What the files of binds from the context are, in one number. */
export async function fingerprintOfMounts(mounts: MountWish[], around: Surroundings): Promise<string> {
  const parts: string[] = [];
  for (const mount of mounts.filter(({ type }) => type === "bind")) {
    if (mount.from !== undefined) parts.push((await around.snapshot(mount.from)).key);
    else parts.push(fingerprintOf(contextSource(mount.source ?? "", around, false)));
  }
  return digestOf(parts.join());
}

function fingerprintOf(source: CopySource): string {
  const sink = new Fingerprint();
  const isThere = source.tell({
    nameFor: ({ name, isDirectory }) => (isDirectory ? "." : name),
    sink,
    excluded: Ignored.none,
  });
  if (isThere) return sink.digest;
  throw new MissingSource(source.shown);
}

/** Makes the mounts ready, lets `work` run with them, and gives back what was taken. */
export async function withMounts<T>(mounting: Mounting, work: (mounted: Mounted) => Promise<T>): Promise<T> {
  const preparing = new Preparing(mounting);
  try {
    await preparing.takeLocks();
    for (const mount of mounting.mounts) await preparing.add(mount);
    if (mounting.script) preparing.addScript(mounting.script);
    return await work(preparing.mounted);
  } finally {
    preparing.close();
  }
}

class Preparing {
  private readonly mounting: Mounting;
  private readonly mounts: MountOption[] = [];
  /** `NAME=value` */
  private readonly secretEnv: string[] = [];
  /** By the empty folder that stands for it until then. */
  private readonly views = new Map<string, View>();
  private readonly locks: Lock[] = [];
  private drafts = 0;

  constructor(mounting: Mounting) {
    this.mounting = mounting;
  }

  /** All at once and in one order, whatever the order of the mounts: two that wait for each other would wait for ever. */
  async takeLocks(): Promise<void> {
    const { mounts } = this.mounting;
    const shared = mounts.filter(({ type, sharing }) => type === "cache" && sharing === "locked");
    const paths = new Set(shared.map((mount) => lockOf(this.cachePath(mount))));
    for (const path of [...paths].sort()) await this.takeLock(path);
  }

  async add(mount: MountWish): Promise<void> {
    if (mount.type === "tmpfs") this.addTmpfs(mount);
    else if (mount.type === "secret") this.addSecret(mount);
    else if (mount.type === "cache") this.bind(mount, await this.cacheFolder(mount));
    else this.bind(mount, mount.from === undefined ? this.contextFolder(mount) : await this.stageFolder(mount));
  }

  addScript({ name, content }: { name: string; content: string }): void {
    const source = join(this.freshFolder(), "script");
    writeFileSync(source, content, { mode: 0o755 });
    this.mounts.push({ type: "bind", source, target: `${SCRIPTS}/${name}`, readOnly: true });
  }

  get mounted(): Mounted {
    const { views } = this;
    const files = new Map<string, boolean>();
    return {
      mounts: this.mounts,
      launching: {
        secretEnv: this.secretEnv,
        around: (start) => within([...views], new Map(), files, start),
        isFile: (source) => files.get(source) ?? !isDirectory(source),
      },
    };
  }

  close(): void {
    for (const lock of this.locks) lock.close();
  }

  private bind({ target, isReadOnly }: MountWish, source: string): void {
    this.mounts.push({ type: "bind", source, target: this.inside(target!), readOnly: isReadOnly });
  }

  private addTmpfs({ target, sizeBytes }: MountWish): void {
    const options = ["exec", ...(sizeBytes === undefined ? [] : [`size=${sizeBytes}`])];
    this.mounts.push({ type: "tmpfs", target: this.inside(target!), readOnly: false, options });
  }

  private inside(target: string): string {
    return posix.resolve("/", this.mounting.around.process.WorkingDir || "/", target);
  }

  // ---- secrets

  private addSecret(mount: MountWish): void {
    const id = mount.id ?? posix.basename(mount.target ?? "");
    const secret = this.mounting.around.secrets.get(id);
    if (!secret && mount.required) throw new UserError(`secret ${id}: not found`);
    if (!secret) return;
    const { source } = secret;
    const value = "value" in source ? Buffer.from(source.value) : readFileSync(source.path);
    if (mount.env !== undefined) this.secretEnv.push(`${mount.env}=${value.toString()}`);
    if (mount.env === undefined || mount.target !== undefined) this.addSecretFile(mount, id, value);
  }

  /** In the state folder, which is memory where `/run` is, and gone with the step. */
  private addSecretFile(mount: MountWish, id: string, value: Buffer): void {
    const path = join(this.freshFolder(this.mounting.workspace.wish.secretsFolder), "secret");
    writeFileSync(path, value, { mode: 0o600 });
    giveTo(path, mount, 0o400);
    const target = this.inside(mount.target ?? `/run/secrets/${id}`);
    this.mounts.push({ type: "bind", source: path, target, readOnly: true });
  }

  // ---- caches

  private async cacheFolder(mount: MountWish): Promise<string> {
    const path = this.cachePath(mount);
    const own = mount.sharing === "private" ? this.privateFolder(path) : path;
    if (!existsSync(own)) await this.fillCache(mount, own);
    return own;
  }

  private cachePath({ id, target }: MountWish): string {
    const caches = join(this.mounting.workspace.wish.roots.root, "build", "mounts");
    makeFolder(caches);
    return join(caches, digestOf(id ?? posix.normalize(target!)).slice("sha256:".length));
  }

  /** One that nobody else has just now. */
  private privateFolder(folder: string): string {
    for (let count = 0; ; count++) {
      const path = count === 0 ? folder : `${folder}-${count}`;
      const lock = Lock.tryTake(lockOf(path));
      if (lock) this.locks.push(lock);
      if (lock) return path;
    }
  }

  /** Whoever has lost patience doesn't wait on. */
  private async takeLock(path: string): Promise<void> {
    for (;;) {
      const lock = Lock.tryTake(path);
      if (lock) this.locks.push(lock);
      if (lock) return;
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
      this.mounting.around.signal.throwIfAborted();
    }
  }

  /** It is there whole or not at all. */
  private async fillCache(mount: MountWish, folder: string): Promise<void> {
    const draft = `${folder}.${process.pid}-${++this.drafts}`;
    mkdirSync(draft, { recursive: true, mode: 0o755 });
    try {
      giveTo(draft, mount, 0o755);
      if (mount.from !== undefined) {
        const { around } = this.mounting;
        const look = await around.looking(await around.snapshot(mount.from));
        look((root) => copyTree(root, mount.source ?? "", draft));
      }
      renameSync(draft, folder);
    } catch (error) {
      // Somebody else was faster.
      if (!existsSync(folder)) throw error;
    } finally {
      removeFolder(draft);
    }
  }

  // ---- binds

  /** The folder itself if all of it may be seen, else a copy of what may; and a copy, too, if it may be written to. */
  private contextFolder({ source = "", isReadOnly }: MountWish): string {
    const { context } = this.mounting.around;
    const path = componentsOf(source).join("/");
    const [found] = select(context.root, path, (name) => context.ignored.judge(toText(name)));
    if (!found) throw new MissingSource(source);
    if (isReadOnly && context.ignored.isEmpty) return realPath(context.root, path);
    const folder = this.freshFolder();
    const judge = (name: string) => context.ignored.judge(toText(name));
    const as = found.isDirectory ? "" : "file";
    copying(folder, (sink) => tellSelected(context.root, found, { sink, judge, as }));
    return found.isDirectory ? folder : join(folder, "file");
  }

  private async stageFolder({ from, source = "" }: MountWish): Promise<string> {
    const { around, workspace } = this.mounting;
    const snapshot = await around.snapshot(from!);
    const look = await around.looking(snapshot);
    const place = this.freshFolder();
    const path = componentsOf(source).join("/");
    // Only the host's root may enter another mount namespace to take a view of it.
    if (process.getuid?.() === 0) this.views.set(place, { look, path });
    else copyLayers(await workspace.wish.unpack(snapshot), place, { ownerless: true });
    return process.getuid?.() === 0 ? place : join(place, path);
  }

  private freshFolder(parent = this.mounting.workspace.wish.folder): string {
    const folder = join(parent, `mount-${this.mounts.length}`);
    makeFolder(folder);
    return folder;
  }
}

const lockOf = (folder: string): string => `${folder}.lock`;

function isDirectory(path: string): boolean {
  return statSync(path).isDirectory();
}

/** What a path of the context leads to, without a link in it. */
function realPath(root: number, path: string): string {
  const fd = openFrom(root, toBytePath(path), O.PATH, WITHIN.root);
  return lent(fd, () => readlinkSync(`/proc/self/fd/${fd}`));
}

function copyTree(root: number, path: string, to: string): void {
  const [found] = select(root, path, () => "take");
  if (!found?.isDirectory) throw new MissingSource(path);
  copying(to, (sink) => tellSelected(root, found, { sink, judge: () => "take", as: "" }));
}

function copying(folder: string, tell: (sink: ReturnType<typeof placeInto>) => void): void {
  const root = openRoot(folder);
  try {
    const placing = placeInto(root, {});
    placing.place(() => tell(placing));
  } finally {
    closeSync(root);
  }
}

function giveTo(path: string, { mode, uid, gid }: MountWish, usual: number): void {
  chmodSync(path, mode ?? usual);
  if (process.getuid?.() === 0) chownSync(path, uid, gid);
}
