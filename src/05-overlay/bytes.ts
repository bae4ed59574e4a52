// To the kernel a file's name is bytes: anything but "/" and NUL, UTF-8 or not.
//
// Node decodes names as UTF-8 and so loses those that are none. Inside layers we therefore keep paths as strings with
// one character for each byte (latin1), and turn them back into the very same bytes at the call.

/** A path with one character for each byte. For plain ASCII it is the path itself. */
export type BytePath = string;

export function toBytePath(path: string): BytePath {
  return Buffer.from(path).toString("latin1");
}

/** For people to read; a byte that is no UTF-8 becomes U+FFFD. */
export function toText(path: BytePath): string {
  return Buffer.from(path, "latin1").toString();
}

/** What Node's `fs` takes. */
export function toBytes(path: BytePath): Buffer {
  return Buffer.from(path, "latin1");
}

/** What a system call takes: the bytes with their closing NUL. */
export function toCString(path: BytePath): Uint8Array {
  return Buffer.from(`${path}\0`, "latin1");
}
