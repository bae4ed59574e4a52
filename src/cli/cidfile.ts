// `--cidfile`: a script learns which container it has made. The file is claimed before anything is made, so that a
// container whose id nobody could be told of never exists, and is taken away again if no container came of it.

import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { UserError } from "../01-syscalls/index.ts";
import { reasonOf } from "./errors.ts";

export interface Cidfile {
  write(id: string): void;
  /** Removes the file if no id was written. */
  close(): void;
}

/** Throws UserError where there is such a file already, or none can be made. */
export function claimCidfile(path: string | undefined): Cidfile | undefined {
  if (!path) return undefined;
  const fd = open(path);
  let isWritten = false;
  return {
    write(id) {
      isWritten = writeSync(fd, id) > 0;
    },
    close() {
      closeSync(fd);
      if (!isWritten) unlinkSync(path);
    },
  };
}

function open(path: string): number {
  try {
    return openSync(path, "wx", 0o644);
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === "EEXIST";
    const found = `container ID file found, make sure the other container isn't running or delete ${path}`;
    const refused = `failed to create the container ID file: open ${path}: ${reasonOf(error)}`;
    throw new UserError(isThere ? found : refused);
  }
}
