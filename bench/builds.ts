// A build of five steps, all of them carried out, and none of them: next to buildah, and to BuildKit where docker is up.

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { medians, type Once } from "./measure.ts";
import { findProgram } from "./peers.ts";
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
  close(): void;
}

const WANTED = { "5-step build, uncached": "≤ 0.6", "5-step build, all cached": "≤ 0.6" };

export async function buildRows(work: BuildWork): Promise<Row[]> {
  const context = join(work.folder, "context");
  mkdirSync(context, { recursive: true });
  for (const name of ["a", "b", "c"]) writeFileSync(join(context, name), name.repeat(10_000));
  writeFileSync(join(context, "Dockerfile"), DOCKERFILE);
  const ours = ourselves(work, context);
  const peers = [buildah(work.folder, ours.store), buildkit(ours.store)].filter((peer) => peer !== undefined);
  const builders = [ours, ...peers];
  try {
    const uncached = await medians(timesOf(builders, ["--no-cache"], work, context), work.rounds);
    const cached = await medians(timesOf(builders, [], work, context), work.rounds);
    const names = Object.keys(WANTED) as (keyof typeof WANTED)[];
    return [uncached, cached].map((times, index) => row(names[index]!, times));
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
  const commands = builders.map(({ name, build }) => [name, timed(stopwatch, { argv: [...build, ...flags, context] })]);
  return Object.fromEntries(commands);
}

function ourselves({ folder, program }: BuildWork, context: string): Builder & { store: string } {
  const root = join(folder, "building");
  const engine = [...program, "--root", root, "--state", join(folder, "building-state")];
  const build = [...engine, "build", "-q", "-t", "bench"];
  // It also makes the base image that the others begin with.
  execFileSync(build[0]!, [...build.slice(1), context]);
  return {
    name: "ours",
    build,
    store: join(root, "images"),
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

/** Only where its daemon is up already. */
function buildkit(store: string): Builder | undefined {
  const program = findProgram("docker");
  if (program === undefined || !findProgram("skopeo")) return undefined;
  try {
    execFileSync(program, ["buildx", "version"], { stdio: "ignore" });
    execFileSync(
      "skopeo",
      ["copy", "-q", `oci:${store}:localhost/base:latest`, "docker-daemon:localhost/base:latest"],
      {
        stdio: "ignore",
      },
    );
  } catch {
    return undefined;
  }
  const close = () => void execFileSync(program, ["rmi", "-f", "bench", "localhost/base"], { stdio: "ignore" });
  return { name: "BuildKit", build: [program, "buildx", "build", "-q", "-t", "bench"], close };
}

function row(work: keyof typeof WANTED, times: Record<string, number>): Row {
  const { ours = 0, buildah, ...others } = times;
  return {
    work,
    ours: milliseconds(ours),
    against: buildah === undefined ? "–" : `buildah ${milliseconds(buildah)}`,
    ratio: buildah === undefined ? undefined : ours / buildah,
    wanted: WANTED[work],
    others: Object.fromEntries(Object.entries(others).map(([name, time]) => [name, milliseconds(time)])),
  };
}
