// A build of five steps, all of them carried out, and none of them: next to buildah, and to BuildKit in docker's daemon.

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { medians, type Once } from "./measure.ts";
import { findProgram, findPrograms, output } from "./programs.ts";
import { timed } from "./stopwatch.ts";
import { milliseconds, type Row } from "./table.ts";

export interface BuildWork {
  folder: string;
  stopwatch: string;
  /** `node dist/mini-docker.js` */
  program: string[];
  rounds: number;
}

const DOCKERFILE = `FROM localhost/base
WORKDIR /app
COPY . /app
RUN cat /app/a > /one
RUN mkdir -p /opt/d && cp /app/* /opt/d
RUN rm /one && echo done > /two
CMD ["cat", "/two"]
`;

/** A builder, by the words that begin its command line. */
interface Builder {
  name: string;
  build: string[];
  env?: NodeJS.ProcessEnv;
  close(): void;
}

const WORK = { "5-step build, uncached": ["--no-cache"], "5-step build, all cached": [] };
const WANTED: Record<string, string> = { buildah: "≤ 0.6", BuildKit: "≤ 1.2" };

export async function buildRows(work: BuildWork): Promise<Row[]> {
  const context = join(work.folder, "context");
  mkdirSync(context, { recursive: true });
  for (const name of ["a", "b", "c"]) writeFileSync(join(context, name), name.repeat(10_000));
  writeFileSync(join(context, "Dockerfile"), DOCKERFILE);
  const ours = ourselves(work, context);
  const peers = [buildah(work.folder, ours.store), buildkit(work.folder, ours.program)].filter(
    (peer) => peer !== undefined,
  );
  const builders = [ours, ...peers];
  try {
    const rows: Row[] = [];
    for (const [name, flags] of Object.entries(WORK)) {
      const times = await medians(timesOf(builders, flags, work, context), work.rounds);
      rows.push(...peers.map((peer) => row(name, times.ours!, peer.name, times[peer.name]!)));
    }
    return rows;
  } finally {
    for (const builder of builders) builder.close();
  }
}

function timesOf(
  builders: Builder[],
  flags: string[],
  { stopwatch }: BuildWork,
  context: string,
): Record<string, Once> {
  const commands = builders.map(({ name, build, env = process.env }) => {
    return [name, timed(stopwatch, { argv: [...build, ...flags, context], env })];
  });
  return Object.fromEntries(commands);
}

function ourselves({ folder, program }: BuildWork, context: string): Builder & { store: string; program: string[] } {
  const root = join(folder, "building");
  const engine = [...program, "--root", root, "--state", join(folder, "building-state")];
  const build = [...engine, "build", "-q", "-t", "bench"];
  // It also makes the base image that the others begin with.
  execFileSync(build[0]!, [...build.slice(1), context]);
  return {
    name: "ours",
    build,
    store: join(root, "images"),
    program: engine,
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}

function buildah(folder: string, store: string): Builder | undefined {
  const program = findProgram("buildah");
  if (program === undefined || !findProgram("skopeo")) return undefined;
  const [root, runroot] = [join(folder, "buildah"), join(folder, "buildah-run")];
  const image = `containers-storage:[overlay@${root}+${runroot}]localhost/base:latest`;
  execFileSync("skopeo", ["copy", "-q", `oci:${store}:localhost/base:latest`, image]);
  const engine = [program, "--root", root, "--runroot", runroot];
  const build = [...engine, "bud", "--isolation", "chroot", "--pull=never", "--layers", "-q", "-t", "bench"];
  const close = () => {
    execFileSync(program, [...engine.slice(1), "rmi", "-a", "-f"], { stdio: "ignore" });
    rmSync(root, { recursive: true, force: true });
    rmSync(runroot, { recursive: true, force: true });
  };
  return { name: "buildah", build, close };
}

/** Without a network, as the daemon has no bridge (dockerd.ts). Undefined where there is no daemon. */
function buildkit(folder: string, ours: string[]): Builder | undefined {
  const client = buildkitClient();
  if (!client) return undefined;
  const archive = join(folder, "base.tar");
  try {
    output([], [...ours, "save", "-o", archive, "localhost/base"]);
    output([], ["docker", "load", "-i", archive]);
  } catch {
    return undefined;
  }
  const close = () => void output([], ["docker", "rmi", "-f", "bench", "localhost/base"]);
  const env = { ...process.env, DOCKER_BUILDKIT: "1" };
  return { name: "BuildKit", build: [...client, "--network", "none", "-q", "-t", "bench"], env, close };
}

/** What asks for it: a plugin of docker's client, which is often missing; up to version 20 the client itself. */
function buildkitClient(): string[] | undefined {
  return findPrograms("docker")
    .map((program) => {
      const version = /version (\d+)/.exec(output([], [program, "--version"]))?.[1];
      if (Number(version) <= 20) return [program, "build"];
      return hasBuildx(program) ? [program, "buildx", "build"] : undefined;
    })
    .find((client) => client !== undefined);
}

function hasBuildx(program: string): boolean {
  try {
    return output([], [program, "buildx", "version"]) !== "";
  } catch {
    return false;
  }
}

function row(work: string, ours: number, peer: string, theirs: number): Row {
  return {
    work,
    ours: milliseconds(ours),
    against: `${peer} ${milliseconds(theirs)}`,
    ratio: ours / theirs,
    wanted: WANTED[peer]!,
    others: {},
  };
}
