// Where an archive goes: to the file of `-o`, or to standard output unless somebody would have to look at it.

import { UserError } from "../01-syscalls/index.ts";
import { createOutputFile, type OutputFile } from "../06-images/index.ts";
import { writeAll } from "./output.ts";

/** Calls `work` with what takes the archive. Of a failure no file is left. */
export async function toArchive(
  path: string | undefined,
  work: (write: (bytes: Buffer) => void) => Promise<void>,
): Promise<void> {
  const output = path ? createOutputFile(path) : standardOutput();
  try {
    await work((bytes) => output.write(bytes));
    output.publish();
  } finally {
    output.close();
  }
}

function standardOutput(): OutputFile {
  if (process.stdout.isTTY) {
    throw new UserError("cowardly refusing to save to a terminal. Use the -o flag or redirect");
  }
  return { write: (bytes) => writeAll(1, bytes as Buffer), publish: () => {}, close: () => {} };
}
