// Disk traffic: a share of it against siblings, and rates that are never exceeded. Devices are written `major:minor`.
//
//                       v1                                      v2
//   share               blkio.weight or blkio.bfq.weight,       io.weight, 1…10000 (100), or io.bfq.weight,
//                       10…1000 (500)                           the same scale as v1's
//   bytes a second      blkio.throttle.{read,write}_bps_device  io.max, "8:0 rbps=… wbps=…"
//   operations          blkio.throttle.{read,write}_iops_device io.max, "8:0 riops=… wiops=…"
//
// Which file takes the share depends on the disk's scheduler. It is a preference: written wherever there is a file.

import type { Resources } from "./resources.ts";
import type { Limiter, Setting } from "./setting.ts";

export const io: Limiter = {
  name: "block I/O",
  v1Name: "blkio",
  v2Name: "io",
  v1: (asked) => [...weightsV1(asked), ...ratesV1(asked)],
  v2: (asked) => [...weightsV2(asked), ...ratesV2(asked)],
  preference: (asked) => (ratesOf(asked).length > 0 ? undefined : NO_WEIGHT),
};

const NO_WEIGHT = "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.";

const SHARE = "its share when others want the disk too";

const RATES = [
  { name: "throttleReadBpsDevice", file: "blkio.throttle.read_bps_device", key: "rbps", what: "bytes read" },
  { name: "throttleWriteBpsDevice", file: "blkio.throttle.write_bps_device", key: "wbps", what: "bytes written" },
  { name: "throttleReadIOPSDevice", file: "blkio.throttle.read_iops_device", key: "riops", what: "reads" },
  { name: "throttleWriteIOPSDevice", file: "blkio.throttle.write_iops_device", key: "wiops", what: "writes" },
] as const;

/** One rate asked for: `file` is v1's, `key` v2's in io.max. */
interface Rate {
  file: string;
  key: string;
  device: string;
  rate: number;
  why: string;
}

function ratesOf({ blockIO: asked = {} }: Resources): Rate[] {
  return RATES.flatMap(({ name, file, key, what }) =>
    (asked[name] ?? []).map(({ major, minor, rate }) => {
      return { file, key, device: `${major}:${minor}`, rate, why: `so many ${what} in a second` };
    }),
  );
}

// ---- v1

function weightsV1({ blockIO: { weight, leafWeight, weightDevice = [] } = {} }: Resources): Setting[] {
  const files: [string, number | string | undefined][] = [
    ["blkio.weight", weight],
    ["blkio.bfq.weight", weight],
    ["blkio.leaf_weight", leafWeight],
    ...weightDevice.flatMap((one): [string, string | undefined][] => [
      ["blkio.weight_device", perDevice(one, one.weight)],
      ["blkio.bfq.weight_device", perDevice(one, one.weight)],
      ["blkio.leaf_weight_device", perDevice(one, one.leafWeight)],
    ]),
  ];
  return preferences("blkio", files);
}

function perDevice({ major, minor }: { major: number; minor: number }, weight: number | undefined): string | undefined {
  return weight ? `${major}:${minor} ${weight}` : undefined;
}

function preferences(controller: string, files: [string, number | string | undefined][]): Setting[] {
  return files.flatMap(([file, value]) =>
    value ? [{ controller, file, value: String(value), why: SHARE, isOptional: true as const }] : [],
  );
}

function ratesV1(asked: Resources): Setting[] {
  return ratesOf(asked).map(({ file, device, rate, why }) => {
    return { controller: "blkio", file, value: `${device} ${rate}`, why };
  });
}

// ---- v2

function weightsV2({ blockIO: { weight, weightDevice = [] } = {} }: Resources): Setting[] {
  return preferences("io", [
    ["io.bfq.weight", weight],
    ["io.weight", weight && ioWeightOf(weight)],
    ...weightDevice.map((one): [string, string | undefined] => ["io.bfq.weight", perDevice(one, one.weight)]),
  ]);
}

/** v1's 10…1000 stretched over v2's 1…10000, as runc does it. */
export function ioWeightOf(weight: number): number {
  return 1 + Math.floor(((weight - 10) * 9999) / 990);
}

/** A rate of 0 takes the limit away, which v2 calls max. */
function ratesV2(asked: Resources): Setting[] {
  return ratesOf(asked).map(({ key, device, rate, why }) => {
    return { controller: "io", file: "io.max", value: `${device} ${key}=${rate > 0 ? rate : "max"}`, why };
  });
}
