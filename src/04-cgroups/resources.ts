// What can be asked for: `linux.resources` of the OCI runtime specification, field by field.
// It is v1's vocabulary; v2's files are filled from it by conversion, or directly through `unified`.
// See https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#control-groups

export interface Resources {
  devices?: DeviceRule[];
  memory?: MemoryResources;
  cpu?: CpuResources;
  /** -1 and 0 are no limit. */
  pids?: { limit?: number };
  blockIO?: BlockIoResources;
  /** `pageSize` as the kernel's file names have it: `2MB`, `1GB`; `limit` in bytes. */
  hugepageLimits?: { pageSize: string; limit: number }[];
  network?: { classID?: number; priorities?: { name: string; priority: number }[] };
  rdma?: Record<string, { hcaHandles?: number; hcaObjects?: number }>;
  /** v2 only: file → text, written as it is. */
  unified?: Record<string, string>;
}

/** Rules are applied in order, the last one that matches wins; what is not named matches all. */
export interface DeviceRule {
  allow: boolean;
  type?: "a" | "b" | "c";
  major?: number;
  minor?: number;
  /** Letters of `rwm`: read, write, mknod. */
  access?: string;
}

/** Bytes; -1 is no limit. `swap` is memory and swap together. */
export interface MemoryResources {
  limit?: number;
  reservation?: number;
  swap?: number;
  /** Of the kernel's own, and of that what its TCP buffers take. Kernels since 5.16 know no limit for the first. */
  kernel?: number;
  kernelTCP?: number;
  swappiness?: number;
  disableOOMKiller?: boolean;
}

/** `quota`, `burst` and `period` are microseconds; `cpus` and `mems` are lists like `0-3,7`. */
export interface CpuResources {
  shares?: number;
  quota?: number;
  burst?: number;
  period?: number;
  realtimeRuntime?: number;
  realtimePeriod?: number;
  cpus?: string;
  mems?: string;
  idle?: number;
}

export interface BlockIoResources {
  weight?: number;
  leafWeight?: number;
  weightDevice?: { major: number; minor: number; weight?: number; leafWeight?: number }[];
  throttleReadBpsDevice?: Throttle[];
  throttleWriteBpsDevice?: Throttle[];
  throttleReadIOPSDevice?: Throttle[];
  throttleWriteIOPSDevice?: Throttle[];
}

/** `rate` is a second's worth, of bytes or of operations. */
export interface Throttle {
  major: number;
  minor: number;
  rate: number;
}
