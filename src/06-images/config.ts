// The image's config: what to run by default, which machine it is for, and the digests of its layers *unpacked*. Its own
// digest is the image's id. See the OCI image specification, config.md; Docker's file has the same fields and more.

import { UserError } from "../01-syscalls/index.ts";
import type { Digest } from "./digest.ts";
import { isDigest } from "./digest.ts";
import { parseJson } from "./manifest.ts";
import { fieldsOf, isAnything, isFlag, isNumber, isText, listOf, mapOf, wrongField } from "./shape.ts";

export interface ImageConfig {
  created?: string;
  author?: string;
  architecture: string;
  os: string;
  variant?: string;
  config?: ProcessConfig;
  rootfs: {
    type: "layers";
    /** Of each layer's tar without compression, lowest first. */
    diff_ids: Digest[];
  };
  history?: HistoryEntry[];
}

/** What a container made from the image does unless told otherwise. */
export interface ProcessConfig {
  User?: string;
  /** `NAME=value` */
  Env?: string[];
  Entrypoint?: string[] | null;
  Cmd?: string[] | null;
  WorkingDir?: string;
  Labels?: Record<string, string> | null;
  /** `80/tcp` → nothing: a set, written as Go writes one. */
  ExposedPorts?: Record<string, object> | null;
  Volumes?: Record<string, object> | null;
  StopSignal?: string;
  Healthcheck?: Healthcheck;
  Shell?: string[];
  OnBuild?: string[] | null;
}

/** Docker's addition; times are nanoseconds. */
export interface Healthcheck {
  Test?: string[];
  Interval?: number;
  Timeout?: number;
  StartPeriod?: number;
  StartInterval?: number;
  Retries?: number;
}

export interface HistoryEntry {
  created?: string;
  created_by?: string;
  author?: string;
  comment?: string;
  empty_layer?: boolean;
}

const texts = listOf(isText);

const PROCESS = {
  User: isText,
  Env: texts,
  Entrypoint: texts,
  Cmd: texts,
  WorkingDir: isText,
  Labels: mapOf(isText),
  ExposedPorts: mapOf(isAnything),
  Volumes: mapOf(isAnything),
  StopSignal: isText,
  Healthcheck: fieldsOf({
    Test: texts,
    Interval: isNumber,
    Timeout: isNumber,
    StartPeriod: isNumber,
    Retries: isNumber,
  }),
  Shell: texts,
  OnBuild: texts,
};

const HISTORY = { created: isText, created_by: isText, author: isText, comment: isText, empty_layer: isFlag };

const CONFIG = {
  created: isText,
  author: isText,
  architecture: isText,
  os: isText,
  variant: isText,
  config: fieldsOf(PROCESS),
  history: listOf(fieldsOf(HISTORY)),
};

/** Reads a config's JSON. `what` begins the message if it is none. Throws UserError. */
export function parseConfig(bytes: Uint8Array, what: string): ImageConfig {
  const config = parseJson(bytes, what) as ImageConfig;
  const ids: unknown = config.rootfs?.diff_ids ?? [];
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === "string" && isDigest(id))) {
    throw new UserError(`${what} is no image config: it does not list its layers`);
  }
  const wrong = wrongField(config, CONFIG);
  const wrongInside = wrong === "config" && config.config ? wrongField(config.config, PROCESS) : undefined;
  if (wrong !== undefined)
    throw new UserError(`${what} is no image config: its ${wrongInside ?? wrong} makes no sense`);
  return { ...config, rootfs: { type: "layers", diff_ids: ids } };
}

/** A manifest and its config each list the layers. Throws UserError where they differ in how many. */
export function requireSameLayers({ rootfs }: ImageConfig, layers: object[], what: string): void {
  if (rootfs.diff_ids.length === layers.length) return;
  const [promised, there] = [rootfs.diff_ids.length, layers.length];
  throw new UserError(`${what} is damaged: its config lists ${promised} layers, and its manifest ${there}`);
}

/**
 * A stack of layers has one name, whatever images use it: each layer's own digest hashed together with the name of the
 * stack below. The result has one chain id a layer, lowest first. See config.md, "Layer ChainID".
 */
export function chainIds(diffIds: Digest[], digestOf: (text: string) => Digest): Digest[] {
  const chain: Digest[] = [];
  for (const id of diffIds) {
    const below = chain.at(-1);
    chain.push(below === undefined ? id : digestOf(`${below} ${id}`));
  }
  return chain;
}
