// Who may use the registry: the names and passwords of a file that Apache's `htpasswd` writes, one `name:hash` a line. The
// passwords come with each request (HTTP's Basic authentication, RFC 7617), so they are as secret as the connection is.
//
// bcrypt is slow on purpose: whoever steals the file can try few passwords a second, and so could we. What was right once
// is remembered, by a digest of it.

import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { compare } from "bcryptjs";
import { UserError } from "../../01-syscalls/index.ts";

/** Compared with for names that don't exist, so that they take as long to refuse as those that do. */
const NOBODY = `$2b$10$${"x".repeat(53)}`;

export class Users {
  private readonly path: string;
  private state = "";
  private hashes = new Map<string, string>();
  /** Name → the digest of what was right. */
  private readonly proven = new Map<string, string>();

  /** Throws UserError for a file that can't be read, or has lines that we can't check. */
  constructor(path: string) {
    this.path = path;
    this.refresh();
  }

  /** The user whose name and password an `Authorization` header has; undefined if they aren't right. */
  async userOf(authorization = ""): Promise<string | undefined> {
    this.refresh();
    const [, encoded = ""] = /^basic +([a-z0-9+/=]+)$/i.exec(authorization) ?? [];
    const [, name = "", password = ""] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, "base64").toString()) ?? [];
    const hash = this.hashes.get(name);
    const proof = createHash("sha256").update(`${hash}\n${password}`).digest("hex");
    if (hash !== undefined && this.proven.get(name) === proof) return name;
    const isRight = await matches(password, hash ?? NOBODY);
    if (!isRight || hash === undefined) return undefined;
    this.proven.set(name, proof);
    return name;
  }

  /** Reads the file again if it was changed. */
  private refresh(): void {
    const { mtimeMs, size, ino } = statSync(this.path);
    const state = `${mtimeMs} ${size} ${ino}`;
    if (state === this.state) return;
    this.hashes = new Map(
      readFileSync(this.path, "utf8")
        .split(/\r?\n/)
        .flatMap((line, index) => this.entry(line, index)),
    );
    this.state = state;
  }

  private entry(line: string, index: number): [name: string, hash: string][] {
    if (line.trim() === "" || line.startsWith("#")) return [];
    const [, name, hash = ""] = /^([^:]+):(.*)$/.exec(line) ?? [];
    if (name !== undefined && isKnown(hash)) return [[name, hash]];
    throw new UserError(`${this.path}:${index + 1}: this is no name with a password that we can check`, {
      hint: "`htpasswd -B FILE NAME` writes one",
    });
  }
}

function isKnown(hash: string): boolean {
  return /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/.test(hash) || /^\{SHA\}[A-Za-z0-9+/]{27}=$/.test(hash);
}

async function matches(password: string, hash: string): Promise<boolean> {
  if (!hash.startsWith("{SHA}")) return compare(password, hash);
  return `{SHA}${createHash("sha1").update(password).digest("base64")}` === hash;
}
