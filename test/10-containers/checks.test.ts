import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { checkOptions } from "../../src/10-containers/spec/checks.ts";
import { type MountOption, type RunOptions, runOptions } from "../../src/10-containers/spec/options.ts";

const check = (given: Partial<RunOptions>) => () => checkOptions(runOptions("base", given));
const bind = (given: Partial<MountOption>) =>
  check({ mounts: [{ type: "bind", source: "/tmp", target: "/x", readOnly: false, ...given }] });
const CPUS = availableParallelism();

test("what Docker takes is taken", () => {
  expect(check({})).not.toThrow();
  expect(check({ memoryBytes: 8 << 20, memorySwapBytes: -1, nanoCpus: 1e9, oomScoreAdj: -1000 })).not.toThrow();
  expect(bind({})).not.toThrow();
  expect(bind({ source: "/surely/not/there", createSource: true })).not.toThrow();
});

test.each([
  [{ memoryBytes: 1 << 20 }, "Minimum memory limit allowed is 6MB"],
  [{ memoryReservationBytes: 1 }, "Minimum memory reservation allowed is 6MB"],
  [
    { memoryBytes: 8 << 20, memoryReservationBytes: 9 << 20 },
    "Minimum memory limit can not be less than memory reserv",
  ],
  [{ memoryBytes: 10 << 20, memorySwapBytes: 8 << 20 }, "Minimum memoryswap limit should be larger than memory limit"],
  [{ memorySwapBytes: 8 << 20 }, "You should always set the Memory limit when using Memoryswap limit, see usage"],
  [{ nanoCpus: 1e13 }, `range of CPUs is from 0.01 to ${CPUS}.00, as there are only ${CPUS} CPUs available`],
  [{ nanoCpus: 1e9, cpuQuotaUs: 1000 }, "Conflicting options: Nano CPUs and CPU Quota cannot both be set"],
  [{ cpuPeriodUs: 5 }, "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)"],
  [{ cpuQuotaUs: 5 }, "CPU cfs quota can not be less than 1ms (i.e. 1000)"],
  [{ blkioWeight: 5 }, "Range of blkio weight is from 10 to 1000"],
  [{ oomScoreAdj: 3000 }, "Invalid value 3000, range for oom score adj is [-1000, 1000]"],
  [{ workdir: "rel" }, "the working directory 'rel' is invalid, it needs to be an absolute path"],
  [{ hostname: "é".repeat(33) }, "is too long (maximum 64 bytes)"],
  [{ hostname: "x", uts: "host" }, "conflicting options: hostname and the UTS mode"],
  [{ hostname: "x", network: "container:web" }, "conflicting options: hostname and the network mode"],
] as [Partial<RunOptions>, string][])("Docker's refusal of %j", (given, refusal) => {
  expect(check(given)).toThrow(refusal);
});

test.each([
  [{ source: "/surely/not/there" }, "bind source path does not exist: /surely/not/there"],
  [{ target: "x" }, "invalid mount path: 'x' mount path must be absolute"],
  [{ target: "/a/.." }, "invalid specification: destination can't be '/'"],
  [{ source: "rel" }, "invalid mount path: 'rel' mount path must be absolute"],
  [{ propagation: "loud" }, "invalid propagation mode: loud"],
  [{ type: "tmpfs" }, 'invalid mount config for type "tmpfs": field Source must not be specified'],
  [{ type: "nfs" }, 'invalid mount config for type "nfs": mount type unknown'],
  [{ options: ["foo"] }, 'invalid tmpfs option ["foo"]'],
] as [Partial<MountOption>, string][])("Docker's refusal of a mount with %j", (given, refusal) => {
  expect(bind(given)).toThrow(refusal);
});

test("two mounts of one place are refused, however it is written", () => {
  const mount = { type: "bind", source: "/tmp", readOnly: false } as const;
  expect(
    check({
      mounts: [
        { ...mount, target: "/x" },
        { ...mount, target: "/y/../x" },
      ],
    }),
  ).toThrow("Duplicate mount point: /x");
});
