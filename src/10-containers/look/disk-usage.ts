// The sums of what takes room on the disk, and how much of it nobody needs.

import type { DiskContents, ImageRoom } from "./disk-contents.ts";

export interface DiskUsage {
  total: number;
  /** Those that something uses. */
  active: number;
  bytes: number;
  /** What would be free again if the others were gone. */
  reclaimableBytes: number;
}

export function diskUsage(contents: DiskContents): Record<keyof DiskContents, DiskUsage> {
  const { images, containers, volumes, cache } = contents;
  const used = images.filter(({ users }) => users > 0);
  const shown = volumes.filter(({ users }) => users > 0);
  const running = containers.filter(({ container }) => IN_USE.includes(container.state.status));
  const [imageBytes, containerBytes] = [distinctBytes(images), sum(bytesOf(containers))];
  const volumeBytes = sum(bytesOf(volumes));
  const cacheBytes = sum(bytesOf(cache.filter(({ isShared }) => !isShared)));
  return {
    images: {
      total: images.length,
      active: used.length,
      bytes: imageBytes,
      reclaimableBytes: imageBytes - distinctBytes(used),
    },
    containers: {
      total: containers.length,
      active: running.length,
      bytes: containerBytes,
      reclaimableBytes: containerBytes - sum(bytesOf(running)),
    },
    volumes: {
      total: volumes.length,
      active: shown.length,
      bytes: volumeBytes,
      reclaimableBytes: volumeBytes - sum(bytesOf(shown)),
    },
    cache: { total: cache.length, active: 0, bytes: cacheBytes, reclaimableBytes: cacheBytes },
  };
}

const IN_USE = ["running", "paused", "restarting"];

function distinctBytes(images: ImageRoom[]): number {
  return sum(new Map(images.flatMap(({ parts }) => [...parts])).values());
}

function bytesOf(some: { bytes: number }[]): number[] {
  return some.map(({ bytes }) => bytes);
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, number) => total + number, 0);
}
