// `commit`: what a container changed becomes a layer on its image, as if a Dockerfile had done it.

import { UserError } from "../01-syscalls/index.ts";
import {
  ensureImage,
  familiarName,
  type Image,
  type ImageConfig,
  keepStore,
  type ProcessConfig,
  readImage,
} from "../06-images/index.ts";
import { packLayer } from "../06-images/pack-layer.ts";
import { nameImage, writeImage } from "../06-images/write-image.ts";
import { type Container, locked, readSpec } from "../10-containers/container.ts";
import { containerEvent } from "../10-containers/container-events.ts";
import { insideOwner } from "../10-containers/copy/copy-owners.ts";
import type { Roots } from "../10-containers/folders.ts";
import { whilePaused } from "../10-containers/pause.ts";
import { findSettled } from "../10-containers/settle.ts";
import { mergeEnv } from "../10-containers/spec/process.ts";
import { changedConfig } from "./change.ts";

export interface CommitRequest {
  container: string;
  /** In full; the image has none unless said. */
  name: string | undefined;
  author: string | undefined;
  message: string | undefined;
  /** Lines as in a Dockerfile, of those that change no file. */
  changes: string[];
  /** Let nothing change meanwhile; otherwise a file may be in the image as it was half written. */
  pause: boolean;
}

/** Returns the image's id. Throws UserError. */
export async function commitContainer(roots: Roots, request: CommitRequest): Promise<string> {
  const { record } = await findSettled(roots, request.container);
  return locked(roots, record.id, (container) => {
    const work = () => commit(roots, container, request);
    return request.pause ? whilePaused(container, work) : work();
  });
}

async function commit(roots: Roots, container: Container, request: CommitRequest): Promise<string> {
  const lock = keepStore(roots.root);
  try {
    const image = await ensureImage(roots.root, container.record.image.id);
    const { layer } = packLayer(roots.root, changesOf(container));
    const config = await configOf(container, image, request, layer.digest);
    const entry = writeImage(roots.root, config, [...image.layers, layer]);
    nameImage(roots.root, entry, request.name === undefined ? [] : [request.name]);
    const { id } = readImage(roots.root, entry, config);
    containerEvent(container, "commit", request.name === undefined ? {} : { imageRef: familiarName(request.name) });
    return id;
  } finally {
    lock.close();
  }
}

function changesOf(container: Container) {
  const { record, folder } = container;
  if (typeof record.rootfs === "object") throw new UserError(`container "${record.name}" was not made from an image`);
  const spec = readSpec(container);
  const hasOwnUsers = (spec.linux?.namespaces ?? []).some(({ type, path }) => type === "user" && !path);
  const asked = new Set(record.options.mounts.map(({ target }) => target));
  return {
    upper: folder.upper,
    lower: record.layers,
    isCopy: record.rootfs === "copy",
    marks: hasOwnUsers ? ("user" as const) : ("trusted" as const),
    // What the person mounted something on is in the image, as in Docker.
    mountPoints: (spec.mounts ?? []).map(({ destination }) => destination).filter((path) => !asked.has(path)),
    ownerOf: insideOwner(container),
  };
}

async function configOf(
  container: Container,
  image: Image,
  request: CommitRequest,
  diffId: string,
): Promise<ImageConfig> {
  const { config } = image;
  const { args = [] } = readSpec(container).process ?? {};
  const created = new Date().toISOString();
  const { author, message } = request;
  const about = { ...(author !== undefined && { author }), ...(message !== undefined && { comment: message }) };
  const { os, architecture, variant } = config;
  return {
    created,
    ...(author !== undefined && { author }),
    architecture,
    os,
    ...(variant !== undefined && { variant }),
    config: await changedConfig(withOptions(config.config ?? {}, container), request.changes),
    rootfs: { type: "layers", diff_ids: [...config.rootfs.diff_ids, diffId] },
    history: [...(config.history ?? []), { created, created_by: args.join(" "), ...about }],
  };
}

/** What the person asked of the container is the image's default from now on. */
function withOptions(image: ProcessConfig, { record: { options } }: Container): ProcessConfig {
  const { entrypoint, command, env, user, workdir, labels, stopSignal } = options;
  const Cmd = command.length > 0 ? command : entrypoint === undefined ? image.Cmd : null;
  return {
    ...image,
    Env: mergeEnv(image.Env ?? [], env),
    ...(entrypoint !== undefined && { Entrypoint: entrypoint }),
    ...(Cmd !== undefined && { Cmd }),
    ...(user !== undefined && { User: user }),
    ...(workdir !== undefined && { WorkingDir: workdir }),
    ...(stopSignal !== undefined && { StopSignal: stopSignal }),
    ...(Object.keys(labels).length > 0 && { Labels: { ...image.Labels, ...labels } }),
  };
}
