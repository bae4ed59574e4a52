// A container started in this process and stayed with, while somebody looks on. It is gone afterwards.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureImage } from "../../src/06-images/index.ts";
import { createContainer } from "../../src/10-containers/create.ts";
import type { Watch } from "../../src/10-containers/explain/watch.ts";
import type { Roots } from "../../src/10-containers/folders.ts";
import { removeContainer } from "../../src/10-containers/remove.ts";
import { type RunOptions, runOptions } from "../../src/10-containers/spec/options.ts";
import { runInForeground } from "../../src/10-containers/streams/foreground.ts";

export function temporaryRoots(): Roots & { close(): void } {
  const folder = mkdtempSync(join(tmpdir(), "w-"));
  return {
    root: join(folder, "root"),
    state: join(folder, "state"),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface Watched {
  exitCode: number | undefined;
  /** What it printed, on both. */
  output: string;
}

/** Throws what the start throws. `onOutput` is told of each piece of output. */
export async function runWatched(
  roots: Roots,
  given: Partial<RunOptions>,
  watch: Watch,
  onOutput: (text: string) => void = () => {},
): Promise<Watched> {
  const options = runOptions("base", given);
  const { record } = await createContainer(roots, await ensureImage(roots.root, "base"), options);
  let output = "";
  const take = (bytes: Buffer) => {
    output += bytes;
    onOutput(bytes.toString());
  };
  try {
    const exitCode = await runInForeground(roots, record.id, {
      tty: options.tty,
      interactive: options.interactive,
      proxySignals: false,
      handlers: { stdout: take, stderr: take },
      start: watch,
    });
    return { exitCode, output };
  } finally {
    await removeContainer(roots, record.id, { force: true });
  }
}
