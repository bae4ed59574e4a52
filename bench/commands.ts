// Whole commands, as a person waits for them: from the moment a shell starts one to its end.

import { medians, type Once } from "./measure.ts";
import type { Engine } from "./peers.ts";
import { timed } from "./stopwatch.ts";
import { milliseconds, type Row } from "./table.ts";

export interface Commands {
  stopwatch: string;
  /** `dist/mini-docker.js --root … --state …`; a container `up` is running there. */
  cli: string[];
  engines: Engine[];
  rounds: number;
  /** What NODE_EXTRA_CA_CERTS names on this machine. */
  certificates: string | undefined;
}

/** As podman and docker do it here: what a network costs is measured for itself. */
export const RUN_ALONE = ["run", "--rm", "--network", "none", "base", "true"];

const WORK = {
  run: { args: RUN_ALONE, wanted: 1.6 },
  exec: { args: ["exec", "up", "true"], wanted: 1.5 },
  "--version": { args: ["--version"], wanted: 1.15 },
};

const HERE = " with this machine's NODE_EXTRA_CA_CERTS";

/** The environments in which ours and Node are measured, by what is put behind their names. */
export function environments(certificates: string | undefined): Record<string, NodeJS.ProcessEnv> {
  const bare = { "": process.env };
  return certificates ? { ...bare, [HERE]: { ...process.env, NODE_EXTRA_CA_CERTS: certificates } } : bare;
}

/** Ours, Node, and their ratio, with that variable. */
export function hereOf(times: Record<string, number>, work: string): [string, string][] {
  const [ours, node] = [times[`${work}${HERE}`], times[`node${HERE}`]];
  if (!ours || !node) return [];
  return [[HERE.trim(), `${milliseconds(ours)} : ${milliseconds(node)} = ${(ours / node).toFixed(2)}`]];
}

export async function commandRows({ stopwatch, cli, engines, rounds, certificates }: Commands): Promise<Row[]> {
  const contenders: Record<string, Once> = {};
  for (const [where, env] of Object.entries(environments(certificates))) {
    contenders[`node${where}`] = timed(stopwatch, { argv: [process.execPath, "-e", "0"], env });
    for (const [work, { args }] of Object.entries(WORK))
      contenders[`${work}${where}`] = timed(stopwatch, { argv: [...cli, ...args], env });
  }
  for (const { name, run, exec } of engines) {
    contenders[`${name} run`] = timed(stopwatch, run);
    contenders[`${name} exec`] = timed(stopwatch, exec);
  }
  const times = await medians(contenders, rounds);
  return Object.entries(WORK).map(([work, { args, wanted }]): Row => {
    const others = engines.flatMap(({ name }) =>
      times[`${name} ${work}`] ? [[name, milliseconds(times[`${name} ${work}`]!)]] : [],
    );
    return {
      work: `\`${args.join(" ")}\`, whole command`,
      ours: milliseconds(times[work]!),
      against: `\`node -e 0\` ${milliseconds(times.node!)}`,
      ratio: times[work]! / times.node!,
      wanted: `≤ ${wanted}`,
      others: Object.fromEntries([...others, ...hereOf(times, work)]),
    };
  });
}
