// ~/.docker/config.json, which docker, podman, skopeo and buildah read too: whoever is logged in there is logged in here.
//
//   {
//     "auths": { "localhost:5000": { "auth": base64("user:password") } },
//     "credHelpers": { "gcr.io": "gcloud" },     programs that know the password, for one registry
//     "credsStore": "pass"                       and for all others
//   }
//
// DOCKER_CONFIG names another folder. What we don't know in the file stays as it is.

import { mkdirSync, readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { UserError } from "../01-syscalls/index.ts";
import { writeFileDurably } from "../06-images/index.ts";

export interface DockerConfig {
  auths?: Record<string, AuthEntry>;
  credHelpers?: Record<string, string>;
  credsStore?: string;
}

/** Empty where a helper has the rest. */
export interface AuthEntry {
  /** `user:password` in base64. */
  auth?: string;
  /** To be exchanged for tokens, in place of a password. */
  identitytoken?: string;
}

export function configPath(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.DOCKER_CONFIG || join(env.HOME || homedir(), ".docker"), "config.json");
}

/** No file is an empty one. Throws UserError for one that is no JSON. */
export function readDockerConfig(path: string): DockerConfig {
  const text = readOrUndefined(path);
  if (text === undefined || text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {}
  throw new UserError(`${path} is not valid JSON`);
}

/** Replaces the file by what `change` makes of it; a link stays one. Only its owner may read it. */
export function changeDockerConfig(path: string, change: (config: DockerConfig) => DockerConfig): void {
  const changed = change(readDockerConfig(path));
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const target = realPath(path);
  writeFileDurably(target, `${JSON.stringify(changed, null, "\t")}\n`, dirname(target));
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
