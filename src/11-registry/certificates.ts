// Whose word counts for a registry's certificate. Beside the authorities that Node knows, a folder for each registry can
// hold further ones, and a certificate of ours to show, where Docker looks for them too:
//
//   /etc/docker/certs.d/HOST[:PORT]/   (or below ~/.config/docker, as rootless Docker has it)
//   ├─ ca.crt                          any *.crt: an authority
//   ├─ client.cert                     any *.cert, and its *.key: who we are

import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../01-syscalls/index.ts";

/** Options of a TLS connection, as Node takes them. */
export interface Trust {
  ca?: string[];
  cert?: string;
  key?: string;
  rejectUnauthorized: boolean;
}

/** `isInsecure`: without authorities of its own, anybody's certificate is fine. Throws UserError for a folder that is incomplete. */
export function trustFor(host: string, isInsecure: boolean, folders: string[] = certificateFolders()): Trust {
  const files = folders.flatMap((folder) => filesIn(join(folder, host)));
  const authorities = files.filter((file) => file.endsWith(".crt")).map(read);
  const all = [...authorities, ...furtherAuthorities()];
  const own = files.find((file) => file.endsWith(".cert"));
  return {
    // Authorities are set as a whole: without the usual ones a private one would be the only one.
    ...(all.length > 0 && { ca: [...usualAuthorities(), ...all] }),
    ...(own !== undefined && { cert: read(own), key: read(keyOf(own, files)) }),
    rejectUnauthorized: !isInsecure || authorities.length > 0,
  };
}

/** Asked for when needed: Node copies all of them when they are first looked at. */
function usualAuthorities(): readonly string[] {
  return process.getBuiltinModule("node:tls").rootCertificates;
}

/** A file that can't be read is none, as for Node; whoever needs it hears that the authority is unknown. */
function furtherAuthorities({ NODE_EXTRA_CA_CERTS: path }: NodeJS.ProcessEnv = process.env): string[] {
  try {
    return path ? [read(path)] : [];
  } catch {
    return [];
  }
}

function certificateFolders(env: NodeJS.ProcessEnv = process.env): string[] {
  const own = env.XDG_CONFIG_HOME || join(homedir(), ".config");
  return ["/etc/docker/certs.d", join(own, "docker/certs.d")];
}

function keyOf(certificate: string, files: string[]): string {
  const key = certificate.replace(/cert$/, "key");
  if (files.includes(key)) return key;
  throw new UserError(`missing key ${key} for client certificate ${certificate}. CA certificates must end in .crt`);
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function read(path: string): string {
  return readFileSync(path, "utf8");
}
