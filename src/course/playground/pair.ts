// Two containers to compare, for who has none: `meter` and `guest`, the two apps of the course. They are ours as long as the
// playground runs, and go with it.

import { ensureImage } from "../../06-images/index.ts";
import { containerIds, readContainer } from "../../10-containers/container.ts";
import { createContainer } from "../../10-containers/create.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { removeContainer } from "../../10-containers/remove.ts";
import { startExisting } from "../../10-containers/restart.ts";
import { runOptions } from "../../10-containers/spec/options.ts";
import { ourMark } from "../ours.ts";

const APPS = [
  { name: "meter", memoryBytes: 64 * 1024 ** 2 },
  { name: "guest", memoryBytes: 32 * 1024 ** 2 },
];

export class Pair {
  private readonly roots: Roots;
  private ids: string[] = [];
  private isBeginning = false;
  private begun: Promise<void> = Promise.resolve();
  private problem: string | undefined;

  constructor(roots: Roots) {
    this.roots = roots;
  }

  state() {
    const pair = this.isBeginning ? "beginning" : this.ids.length > 0 ? "there" : "none";
    return { pair, ...(this.problem !== undefined && { problem: this.problem }) } as const;
  }

  async begin(): Promise<void> {
    if (this.isBeginning || this.ids.length > 0) return;
    this.isBeginning = true;
    this.problem = undefined;
    this.begun = this.startAll();
    await this.begun;
  }

  /** Also what is being made at this moment. */
  async close(): Promise<void> {
    await this.begun;
    await this.removeAll();
  }

  private async startAll(): Promise<void> {
    try {
      for (const app of APPS) this.ids.push(await this.start(app));
    } catch (error) {
      this.problem = (error as Error).message;
      await this.removeAll();
    } finally {
      this.isBeginning = false;
    }
  }

  private async removeAll(): Promise<void> {
    for (const id of this.ids.splice(0)) await removeContainer(this.roots, id, { force: true }).catch(() => {});
  }

  private async start(app: (typeof APPS)[number]): Promise<string> {
    const image = await ensureImage(this.roots.root, "base");
    const { record } = await createContainer(this.roots, image, optionsOf(app, this.isFree(app.name)));
    try {
      await startExisting(this.roots, record.id);
      return record.id;
    } catch (error) {
      await removeContainer(this.roots, record.id, { force: true }).catch(() => {});
      throw error;
    }
  }

  private isFree(wanted: string): boolean {
    return !containerIds(this.roots).some((id) => readContainer(this.roots, id)?.record.name === wanted);
  }
}

/** Where somebody has a container of this name, only the hostname is. */
function optionsOf({ name, memoryBytes }: (typeof APPS)[number], isFree: boolean) {
  const command = ["sh", "-c", "while sleep 1000; do :; done"];
  const options = runOptions("base", {
    command,
    hostname: name,
    memoryBytes,
    remove: true,
    init: true,
    labels: ourMark(),
  });
  return isFree ? { ...options, name } : options;
}
