// What a network costs: beside docker's and podman's, each on a host that the bench makes.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { environments, hereOf } from "./commands.ts";
import { median, medians, type Once, pairedRatio, turns } from "./measure.ts";
import { type NetEngine, netEngines, TOOLS, writeNetImage } from "./net-engines.ts";
import { findProgram, output } from "./programs.ts";
import { timed } from "./stopwatch.ts";
import { milliseconds, type Row } from "./table.ts";

export interface NetworkWork {
  folder: string;
  stopwatch: string;
  /** `dist/mini-docker.js --root … --state …` */
  cli: string[];
  /** `node warm-cable.cjs ROOT STATE`, and what makes a program of the C that it prints. */
  warmCable: string[];
  compiled: (source: string) => string;
  rounds: number;
  isQuick: boolean;
  /** What NODE_EXTRA_CA_CERTS names on this machine. */
  certificates: string | undefined;
}

type Tell = (line: string) => void;

export async function networkRows(work: NetworkWork, tell: Tell): Promise<Row[]> {
  const missing = [...TOOLS, "wrk", "ip", "nsenter"].filter((program) => !findProgram(program));
  if (missing.length > 0) tell(`Not measured: what needs ${missing.join(", ")} on a network, which aren't installed`);
  const base = join(work.folder, "base.tar");
  const { cli } = work;
  const ask = (...args: string[]) => execFileSync(cli[0]!, [...cli.slice(1), ...args], { encoding: "utf8" });
  const id = ask("create", "--network", "none", "base").trim();
  ask("export", "-o", base, id);
  ask("rm", id);
  const archive = writeNetImage(work.folder, base);
  const engines = await netEngines({ folder: work.folder, archive, ours: cli }, tell);
  try {
    const rows = [await commandRow(work, engines), warmRow(work, engines[0]!)];
    if (has("iperf3")) rows.push(await betweenRow(work, engines, THROUGHPUT));
    if (has("sockperf")) rows.push(await betweenRow(work, engines, LATENCY));
    if (has("nginx") && has("wrk")) rows.push(await portRow(work, engines));
    return [...rows, ...crowdRows(work, engines)];
  } finally {
    for (const engine of engines) await engine.close();
  }
}

const has = (program: string): boolean => findProgram(program) !== undefined;

const say = ({ host, program }: NetEngine, ...args: string[]): string => output(host.within, [...program, ...args]);

/** A container that goes on running, by its name. */
function begin(engine: NetEngine, name: string, more: string[], command: string[]): void {
  say(engine, "run", "-d", "--name", name, ...engine.options, ...more, engine.image, ...command);
}

const remove = (engine: NetEngine, ...names: string[]): string => say(engine, "rm", "-f", ...names);

/** Ours beside whoever of the others leaves us least, and all others. */
function row(work: string, { ours = [], ...others }: Record<string, number[]>, about: About): Row {
  const told = (numbers: number[]) => about.unit(median(numbers));
  const [nearest] = Object.entries(others)
    .map(([name, numbers]) => ({ name, numbers, ratio: pairedRatio(ours, numbers) }))
    .sort((a, b) => (about.isMoreBetter ? a.ratio - b.ratio : b.ratio - a.ratio));
  return {
    work,
    ours: told(ours),
    against: nearest ? `${nearest.name} ${told(nearest.numbers)}` : "–",
    ratio: nearest?.ratio,
    wanted: about.wanted,
    others: Object.fromEntries(Object.entries(others).map(([name, numbers]) => [name, told(numbers)])),
  };
}

interface About {
  unit: (number: number) => string;
  isMoreBetter: boolean;
  wanted: string;
}

// ---- starting

async function commandRow({ stopwatch, rounds, certificates }: NetworkWork, engines: NetEngine[]): Promise<Row> {
  const contenders: Record<string, Once> = {};
  const watch = ({ host, program, image }: NetEngine, options: string[], env = process.env) =>
    timed(stopwatch, { within: host.within, argv: [...program, "run", "--rm", ...options, image, "true"], env });
  const [alone] = engines as [NetEngine];
  const { within } = alone.host;
  for (const [where, env] of Object.entries(environments(certificates))) {
    contenders[`node${where}`] = timed(stopwatch, { within, argv: [process.execPath, "-e", "0"], env });
    contenders[`ours${where}`] = watch(alone, alone.options, env);
  }
  for (const engine of engines.slice(1)) contenders[engine.name] = watch(engine, engine.options);
  contenders.none = watch(alone, ["--network", "none"]);
  const times = await medians(contenders, rounds);
  const { node = 0, ours = 0, none = 0, docker, podman } = times;
  const others = Object.entries({ "ours without a network": none, docker, podman }).flatMap(([name, took]) =>
    took === undefined ? [] : [[name, milliseconds(took)]],
  );
  return {
    work: "`run --rm base true` on the default bridge, whole command",
    ours: milliseconds(ours),
    against: `\`node -e 0\` ${milliseconds(node)}`,
    ratio: ours / node,
    wanted: "≤ 1.9",
    others: Object.fromEntries([...others, ...hereOf(times, "ours")]),
  };
}

/** In a process of its own, on our host: this one is on no host of the bench's. */
function warmRow({ folder, warmCable, compiled, isQuick }: NetworkWork, { host }: NetEngine): Row {
  const source = join(folder, "floor-cable.c");
  writeFileSync(source, output(host.within, [...warmCable, "source"]));
  const measured = output(host.within, [...warmCable, compiled(source), isQuick ? "1" : "40"]);
  const { ours, floor } = JSON.parse(measured) as Record<"ours" | "floor", number>;
  return {
    work: "launch to exit of `true` with a cable into a bridge, from a warm process",
    ours: milliseconds(ours),
    against: `the same calls in C ${milliseconds(floor)}`,
    ratio: ours / floor,
    wanted: "≤ 3",
    others: {},
  };
}

// ---- from one container to another

interface Between {
  work: string;
  server: string[];
  client: (address: string) => string[];
  read: (said: string) => number;
  about: About;
}

const THROUGHPUT: Between = {
  work: "from container to container: TCP, one stream (iperf3)",
  server: ["iperf3", "-s"],
  client: (address) => ["iperf3", "-c", address, "-t", "1", "-J"],
  read: (said) => JSON.parse(said).end.sum_received.bits_per_second,
  about: { unit: (bits) => `${(bits / 1e9).toFixed(1)} Gbit/s`, isMoreBetter: true, wanted: "≥ 0.95" },
};

const LATENCY: Between = {
  work: "from container to container: there, half the way of there and back, TCP (sockperf)",
  server: ["sockperf", "server", "--tcp", "-i", "0.0.0.0", "-p", "5001"],
  client: (address) => ["sockperf", "ping-pong", "--tcp", "-i", address, "-p", "5001", "-t", "1"],
  read: (said) => Number(/Latency is ([\d.]+) usec/.exec(said)?.[1]),
  about: { unit: (microseconds) => `${microseconds.toFixed(1)} µs`, isMoreBetter: false, wanted: "≤ 1.05" },
};

/** Many short turns say more than a few long ones: a processor that has just woken up is half as fast, for seconds. */
const TURNS = 30;

async function betweenRow({ isQuick }: NetworkWork, engines: NetEngine[], kind: Between): Promise<Row> {
  const contenders: Record<string, Once> = {};
  for (const engine of engines) {
    begin(engine, "server", [], kind.server);
    begin(engine, "client", [], ["sleep", "10000"]);
    const words = kind.client(addressOf(engine, "server"));
    contenders[engine.name] = () => kind.read(say(engine, "exec", "client", ...words));
  }
  const numbers = await turns(contenders, isQuick ? 1 : TURNS);
  for (const engine of engines) remove(engine, "server", "client");
  return row(kind.work, numbers, kind.about);
}

function addressOf(engine: NetEngine, name: string): string {
  return say(engine, "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name);
}

// ---- from outside

async function portRow({ isQuick }: NetworkWork, engines: NetEngine[]): Promise<Row> {
  const contenders: Record<string, Once> = {};
  for (const engine of engines) {
    begin(engine, "web", ["-p", "8080:80"], ["nginx", "-p", "/tmp", "-c", "/nginx.conf"]);
    const { host } = engine;
    const url = `http://${host.address}:8080/`;
    const words = ["wrk", "-t1", "-c32", "-d1s", "-H", "Connection: close", url];
    contenders[engine.name] = () => requestsIn(output(host.outside, words));
  }
  const numbers = await turns(contenders, isQuick ? 1 : TURNS);
  for (const engine of engines) remove(engine, "web");
  return row("a published port from outside, a connection for each request (wrk, nginx)", numbers, {
    unit: (rate) => `${rate.toFixed(0)}/s`,
    isMoreBetter: true,
    wanted: "≥ 1",
  });
}

/** Throws where some weren't answered. */
function requestsIn(said: string): number {
  const failed = /Socket errors: .*|Non-2xx.*/.exec(said)?.[0];
  if (failed && !/connect 0, read 0, write 0/.test(failed)) throw new Error(`wrk: ${failed}`);
  return Number(/Requests\/sec: +([\d.]+)/.exec(said)?.[1]);
}

// ---- many

/** By one command that is given all their names, and by a command for each, as whoever types them would. */
function crowdRows(work: NetworkWork, engines: NetEngine[]): Row[] {
  const count = work.isQuick ? 2 : 100;
  const atOnce: Record<string, number[]> = {};
  const each: Record<string, number[]> = {};
  let different = 0;
  for (const engine of engines) {
    const { name, program, options, image } = engine;
    const names = Array.from({ length: name === "ours" ? count : Math.min(count, 20) }, (_, index) => `crowd-${index}`);
    const made = (verb: string[]) =>
      names
        .map((each) => [...program, ...verb, "--name", each, ...options, image, "sleep", "1000"].join(" "))
        .join(" && ");
    const rate = (script: string) => names.length / secondsOf(work, engine, script);
    each[name] = [rate(made(["run", "-d"]))];
    remove(engine, ...names);
    output(engine.host.within, ["/bin/sh", "-c", made(["create"])]);
    atOnce[name] = [rate([...program, "start", ...names].join(" "))];
    if (name === "ours") different = new Set(names.map((each) => addressOf(engine, each))).size;
    remove(engine, ...names);
  }
  return [
    crowdRow(`${count} containers on one network by one \`start\`, ${different} addresses`, atOnce, "≥ 3"),
    crowdRow(`${count} commands \`run -d\` on one network`, each, "–"),
  ];
}

/** What a shell script takes there. */
function secondsOf({ stopwatch }: NetworkWork, { host }: NetEngine, script: string): number {
  return Number(timed(stopwatch, { within: host.within, argv: ["/bin/sh", "-c", script] })()) / 1e9;
}

function crowdRow(what: string, { docker, ...rates }: Record<string, number[]>, wanted: string): Row {
  const about = { unit: (rate: number) => `${rate.toFixed(1)}/s`, isMoreBetter: true, wanted };
  const told = row(what, rates, about);
  return { ...told, others: { ...(docker && { docker: about.unit(median(docker)) }), ...told.others } };
}
