// Which registries are asked in place of others, and which may be spoken to without TLS. A small file says so, with the
// keys that Docker's daemon.json has for it:
//
//   {
//     "registry-mirrors": ["https://mirror.example"],       asked before Docker Hub; for other registries:
//                         { "quay.io": ["https://…"] }
//     "insecure-registries": ["registry.lan:5000", "10.1.0.0/16"]
//   }
//
// It is /etc/mini-docker/registries.json, or for an ordinary user ~/.config/mini-docker/registries.json; the variable
// MINI_DOCKER_REGISTRIES names another.

import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../01-syscalls/index.ts";

export interface Settings {
  /** By registry: the addresses to ask first. */
  mirrors: Record<string, string[]>;
  /** `host`, `host:port`, or a range of addresses. */
  insecure: string[];
}

export function settingsPath(env: NodeJS.ProcessEnv = process.env): string {
  if (env.MINI_DOCKER_REGISTRIES) return env.MINI_DOCKER_REGISTRIES;
  if (process.getuid?.() === 0) return "/etc/mini-docker/registries.json";
  return join(env.XDG_CONFIG_HOME || join(homedir(), ".config"), "mini-docker/registries.json");
}

/** No file is no settings. Throws UserError for one that makes no sense. */
export function readSettings(path: string = settingsPath()): Settings {
  const text = readOrUndefined(path);
  if (text === undefined) return { mirrors: {}, insecure: [] };
  const { "registry-mirrors": mirrors = [], "insecure-registries": insecure = [] } = parse(path, text);
  const byRegistry = Array.isArray(mirrors) ? { "docker.io": mirrors } : mirrors;
  const isWhole = isTexts(insecure) && isObject(byRegistry) && Object.values(byRegistry).every(isTexts);
  if (!isWhole) throw new UserError(`${path}: registry-mirrors and insecure-registries must be lists of texts`);
  for (const mirror of Object.values(byRegistry).flat()) requireAddress(path, mirror);
  return { mirrors: byRegistry, insecure };
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

interface File {
  "registry-mirrors"?: string[] | Record<string, string[]>;
  "insecure-registries"?: string[];
}

function parse(path: string, text: string): File {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {}
  throw new UserError(`${path} is not valid JSON`);
}

function requireAddress(path: string, mirror: string): void {
  if (!/^https?:\/\/[^/]+\/?$/.test(mirror) || !URL.canParse(mirror))
    throw new UserError(`${path}: invalid mirror: ${mirror}: write https://HOST[:PORT]`);
}

function isObject(value: unknown): value is Record<string, never> {
  return typeof value === "object" && value !== null;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
