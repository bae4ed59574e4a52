// `system df -v`: each image, container, volume and kept layer with the room it takes.

import { shortId } from "../../06-images/index.ts";
import type { CacheRoom, DiskContents, ImageRoom, VolumeRoom } from "../../10-containers/look/disk-contents.ts";
import { shortId as shortContainerId } from "../../10-containers/names.ts";
import type { Row } from "./format.ts";
import { formatList } from "./format.ts";
import { goTime } from "./go-time.ts";
import { psRow, type RowLook } from "./ps-row.ts";
import { humanDuration, humanSize } from "./units.ts";

/** By the names that templates have for them. */
export interface DiskRows {
  Images: Row[];
  Containers: Row[];
  Volumes: Row[];
  BuildCache: Row[];
}

export function diskRows({ images, containers, volumes, cache }: DiskContents, names: RowLook["names"]): DiskRows {
  const look = { noTrunc: false, names, size: undefined };
  return {
    Images: images.map(imageRow),
    Containers: containers.map(({ container, bytes }) => ({ ...psRow(container, look), Size: humanSize(bytes, 3) })),
    Volumes: volumes.map(volumeRow),
    BuildCache: cache.map(cacheRow),
  };
}

function imageRow({ listed, digest, bytes, sharedBytes, users }: ImageRoom): Row {
  const { created } = listed ?? {};
  return {
    Repository: listed?.repository ?? "<none>",
    Tag: listed?.tag ?? "<none>",
    ID: shortId(listed?.id ?? digest),
    CreatedAt: created === undefined ? "N/A" : goTime(new Date(created)),
    CreatedSince: created === undefined ? "N/A" : since(Date.parse(created)),
    Size: humanSize(bytes, 3),
    SharedSize: humanSize(sharedBytes, 3),
    UniqueSize: humanSize(bytes - sharedBytes, 3),
    Containers: String(users),
  };
}

function volumeRow({ name, bytes, users }: VolumeRoom): Row {
  return { Name: name, Links: String(users), Size: humanSize(bytes, 3) };
}

function cacheRow({ id, type, bytes, createdMs, isShared }: CacheRoom): Row {
  return {
    ID: shortContainerId(id),
    CacheType: type,
    Size: humanSize(bytes, 3),
    CreatedAt: goTime(new Date(createdMs)),
    CreatedSince: since(createdMs),
    Shared: String(isShared),
  };
}

const since = (ms: number): string => `${humanDuration(Date.now() - ms)} ago`;

/** One table for each kind, as Docker prints them; `cacheBytes` is what builds have for themselves. */
export function diskTables(rows: DiskRows, cacheBytes: number): string {
  return [
    titled("Images space usage:", rows.Images, {
      Repository: "REPOSITORY",
      Tag: "TAG",
      ID: "IMAGE ID",
      CreatedSince: "CREATED",
      Size: "SIZE",
      SharedSize: "SHARED SIZE",
      UniqueSize: "UNIQUE SIZE",
      Containers: "CONTAINERS",
    }),
    titled("Containers space usage:", rows.Containers, {
      ID: "CONTAINER ID",
      Image: "IMAGE",
      Command: "COMMAND",
      LocalVolumes: "LOCAL VOLUMES",
      Size: "SIZE",
      RunningFor: "CREATED",
      Status: "STATUS",
      Names: "NAMES",
    }),
    titled("Local Volumes space usage:", rows.Volumes, { Name: "VOLUME NAME", Links: "LINKS", Size: "SIZE" }),
    titled(`Build cache usage: ${humanSize(cacheBytes, 3)}`, rows.BuildCache, {
      ID: "CACHE ID",
      CacheType: "CACHE TYPE",
      Size: "SIZE",
      CreatedSince: "CREATED",
      Shared: "SHARED",
    }),
  ].join("\n");
}

function titled(title: string, rows: Row[], headings: Record<string, string>): string {
  const standard = `table ${Object.keys(headings)
    .map((field) => `{{.${field}}}`)
    .join("\t")}`;
  return `${title}\n\n${formatList({ format: undefined, standard, headings, rows })}`;
}
