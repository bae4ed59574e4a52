// What the container reads and writes. Without a terminal: three pipes, made before the clone, whose other ends the
// monitor keeps. With one: the container opens a pseudoterminal in its *own* devpts and sends the master out over a
// socket, so that the terminal's name is right inside (pty(7), and SCM_RIGHTS of unix(7)).

import {
  connectSteps,
  dupStep,
  fchownStep,
  IOCTL,
  O,
  openInRootStep,
  openStep,
  openTreeStep,
  pipeStep,
  reg,
  type Step,
  sendDescriptorStep,
  socketpairStep,
  step,
  struct,
} from "../../01-syscalls/index.ts";
import { fileSteps, hangSteps } from "../../02-rootfs/index.ts";

export interface Stdio {
  tty: boolean;
  /** Somebody may write to its stdin; otherwise that is /dev/null. */
  interactive: boolean;
  /** Whoever starts it reads what it prints: the launcher is given a descriptor, `output`, and there is no monitor. */
  isGiven?: boolean;
  /** It has those of who starts it, of which these become its user's. */
  callers?: number[];
  /** Its terminal goes to a socket: one of this path, or one the launcher is given. */
  console?: { socket: string } | "given";
  /** Of the terminal, where somebody looks at it. */
  size?: { rows: number; columns: number };
}

/** In the launcher: both ends of everything; the container's are called `stdin`, `stdout`, …, the monitor's `stdin-w` … */
export function stdioBeforeSteps({ tty, interactive, isGiven = false, callers, console }: Stdio): Step[] {
  if (isGiven || console === "given") return [];
  if (console)
    return connectSteps({ path: console.socket, as: "console", why: "who asked for a terminal listens here" });
  if (callers) return [];
  if (tty) {
    const why = "the container will send its terminal's master side through this";
    return [socketpairStep({ one: "console", other: "console-m", why })];
  }
  return [
    ...(interactive ? [pipeStep({ read: "stdin", write: "stdin-w", why: "what is typed reaches the container" })] : []),
    pipeStep({ read: "stdout-r", write: "stdout", why: "what the container prints, the monitor logs" }),
    pipeStep({ read: "stderr-r", write: "stderr", why: "and its complaints" }),
  ];
}

/** In a new container, before pivot_root: its terminal, opened beneath `rootfs` and put on /dev/console. */
export function terminalSteps(size?: Stdio["size"]): Step[] {
  const root = reg("rootfs");
  return [
    openInRootStep({
      root,
      path: "dev/pts/ptmx",
      flags: O.RDWR | O.NOCTTY,
      why: "a new terminal of its own",
      as: "master",
    }),
    ...otherSideSteps(),
    ...sizeSteps(size),
    ...fileSteps("/dev/console"),
    openTreeStep({ dir: reg("tty"), path: "", why: "the terminal itself, to be put there", as: "mount" }),
    ...hangSteps(),
    sendMasterStep(),
  ];
}

/** In a container that is entered: one more terminal of its devpts. */
export function openTerminalSteps(size?: Stdio["size"]): Step[] {
  return [
    openStep({
      path: "/dev/pts/ptmx",
      flags: O.RDWR | O.NOCTTY,
      why: "a new terminal of the container's",
      as: "master",
    }),
    ...otherSideSteps(),
    ...sizeSteps(size),
    sendMasterStep(),
  ];
}

function otherSideSteps(): Step[] {
  const unlock = struct(["unlock", "u32", 0]);
  const flags = O.RDWR | O.NOCTTY | O.CLOEXEC;
  return [
    step("ioctl", [reg("master"), IOCTL.TIOCSPTLCK, unlock], { why: "the other side may be opened now" }),
    step("ioctl", [reg("master"), IOCTL.TIOCGPTPEER, flags], {
      why: "the side programs use, without its name",
      as: "tty",
    }),
  ];
}

/** struct winsize, before the program can ask for it; later changes go through the monitor. */
function sizeSteps(size: Stdio["size"]): Step[] {
  if (!size) return [];
  const window = struct(
    ["ws_row", "u16", size.rows],
    ["ws_col", "u16", size.columns],
    ["ws_xpixel", "u16", 0],
    ["ws_ypixel", "u16", 0],
  );
  return [step("ioctl", [reg("master"), IOCTL.TIOCSWINSZ, window], { why: "as large as the terminal it is shown in" })];
}

function sendMasterStep(): Step {
  const [socket, descriptor] = [reg("console"), reg("master")];
  return sendDescriptorStep({ socket, descriptor, data: "m", bytes: 1, why: "the monitor gets the master side" });
}

/** In the container, after pivot_root: descriptors 0, 1 and 2. */
export function stdioInsideSteps(
  { tty, interactive, isGiven = false, callers }: Stdio,
  owner: { uid: number; gid: number },
): Step[] {
  if (callers && !tty) return callersSteps(callers, owner);
  const session = step("setsid", [], {
    why: "a session of its own: no signal from the host's terminals",
    allow: ["EPERM"],
  });
  const outputs = isGiven ? ["output", "output"] : ["stdout", "stderr"];
  const names = tty ? ["tty", "tty", "tty"] : [interactive ? "stdin" : "nothing", ...outputs];
  return [
    session,
    ...(tty
      ? [step("ioctl", [reg("tty"), IOCTL.TIOCSCTTY, 0], { why: "Ctrl-C on this terminal reaches this session" })]
      : []),
    ...(tty || interactive
      ? []
      : [openStep({ path: "/dev/null", flags: O.RDONLY | O.NONBLOCK, why: "nobody types", as: "nothing" })]),
    ...names.map((name, to) => dupStep({ from: reg(name), to, why: DUPLICATES[to]! })),
    ...(owner.uid === 0 ? [] : ownSteps(tty ? [0] : interactive ? [0, 1, 2] : [1, 2], tty, owner)),
  ];
}

/** They are where they belong. */
function callersSteps(owned: number[], owner: { uid: number; gid: number }): Step[] {
  const why = "a session of its own: no signal from the caller's terminal";
  return [step("setsid", [], { why, allow: ["EPERM"] }), ...(owner.uid === 0 ? [] : ownSteps(owned, false, owner))];
}

const DUPLICATES = ["standard input", "standard output", "standard error"];

/** /dev/stdout is a link to the pipe; only its owner may open that again. /dev/null is nobody's. */
function ownSteps(fds: number[], tty: boolean, { uid, gid }: { uid: number; gid: number }): Step[] {
  const why = "its user may open /dev/stdout again";
  return fds.map((fd) => fchownStep({ fd, uid, gid: tty ? -1 : gid, why, allow: ["EPERM", "EINVAL", "EROFS"] }));
}
