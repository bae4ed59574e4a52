// What the launcher's parent half becomes: native/monitor.c, told by its arguments what to watch. It is up and says so
// before the container's program starts, so that not a byte and not an exit is missed.

import { execveatStep, inheritStep, PID, programFd, reg, type Step, type Text } from "../01-syscalls/index.ts";
import type { Stdio } from "./streams/stdio.ts";

export interface MonitorOptions extends Stdio {
  /** Where attach.sock is made. */
  folder: string;
  /** Where the exit is recorded. */
  exit: string;
  /** Nobody asks for it after a power cut, so the disk isn't waited for. */
  isExitVolatile: boolean;
  /** Undefined: no log is kept. */
  log?: string;
  logBytes?: number;
  logFiles?: number;
  /** Our end of a first attachment is waiting: `run` in the foreground. */
  hasClient: boolean;
  size?: { rows: number; columns: number };
  /** The container's stdin ends with the first client's. */
  stdinOnce: boolean;
  /** Registers of ports of the host that it keeps for the container. */
  ports?: readonly string[];
  /** Run once the container has ended and nobody of `run` is there to see to it. */
  onExit: string[];
}

const DEFAULT_LOG_BYTES = 10 * 1024 * 1024;
const DEFAULT_LOG_FILES = 3;

/** Registers of the launch that the monitor needs: the memfd it is run from, and perhaps the first client. */
export function monitorFds(client?: number): Record<string, number> {
  return { monitor: programFd("monitor"), ...(client === undefined ? {} : { client }) };
}

/** The launcher's list `after`. */
export function monitorSteps(options: MonitorOptions): Step[] {
  const ends = monitorEnds(options);
  return [
    inheritStep({ fd: reg("control"), why: "the monitor says on it that it is ready" }),
    ...(options.ports ?? []).map((port) => inheritStep({ fd: reg(port), why: "nobody else gets this port" })),
    ...ends.map(([name, end]) => inheritStep({ fd: reg(end), why: `the monitor keeps ${name}` })),
    execveatStep({
      fd: reg("monitor"),
      argv: ["mini-docker-monitor", ...monitorArguments(options, ends), "--", ...options.onExit],
      env: monitorEnvironment(),
      why: "from here on this process watches over the container",
    }),
  ];
}

/** The monitor's argument and the register with the descriptor it names. */
function monitorEnds({ tty, interactive, hasClient }: MonitorOptions): [string, string][] {
  return [
    ...(tty ? ([["console", "console-m"]] as [string, string][]) : []),
    ...(!tty && interactive ? ([["stdin", "stdin-w"]] as [string, string][]) : []),
    ...(tty
      ? []
      : ([
          ["stdout", "stdout-r"],
          ["stderr", "stderr-r"],
        ] as [string, string][])),
    ...(hasClient ? ([["client", "client"]] as [string, string][]) : []),
  ];
}

function monitorArguments(o: MonitorOptions, ends: [string, string][]): (string | Text)[] {
  return [
    { text: ["pid=", PID] },
    { text: ["control=", reg("control")] },
    ...ends.map(([name, end]) => ({ text: [`${name}=`, reg(end)] })),
    `dir=${o.folder}`,
    `exit=${o.exit}`,
    ...(o.isExitVolatile ? ["exit-sync=0"] : []),
    ...(o.log === undefined ? [] : logArguments(o.log, o)),
    ...(o.stdinOnce ? ["stdin-once=1"] : []),
    ...(o.size ? [`rows=${o.size.rows}`, `cols=${o.size.columns}`] : []),
  ];
}

function logArguments(
  log: string,
  { logBytes = DEFAULT_LOG_BYTES, logFiles = DEFAULT_LOG_FILES }: MonitorOptions,
): string[] {
  return [`log=${log}`, `log-size=${logBytes}`, `log-files=${logFiles}`];
}

/** What the program it runs at the end may need to find its own things; nothing else of ours. */
function monitorEnvironment(): string[] {
  const kept = ["PATH", "HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"];
  return kept.flatMap((name) => (process.env[name] === undefined ? [] : [`${name}=${process.env[name]}`]));
}
