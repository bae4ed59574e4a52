// A new network namespace holds one link, `lo`, and it is down: not even 127.0.0.1 answers. The oldest way to bring a
// link up is an ioctl on any socket, with the link's name and flags in a `struct ifreq` (netdevice(7)).

import { AF, IOCTL, reg, SOCK, type Step, spellFlags, step, struct } from "../01-syscalls/index.ts";

const IFF = { UP: 1, RUNNING: 0x40 } as const;

/** Brings `lo` up; the kernel then gives it 127.0.0.1 and ::1 by itself. */
export function loopbackSteps(): Step[] {
  const socket = reg("socket");
  return [
    step("socket", [AF.INET, SOCK.DGRAM | SOCK.CLOEXEC, 0], { why: "a way to talk to the network", as: "socket" }),
    linkUpStep("lo", { why: "127.0.0.1 answers" }),
    step("close", [socket], { why: "lo is up" }),
  ];
}

/** Switches a link on; the register `socket` holds any socket of its network. */
export function linkUpStep(name: string, { why }: { why: string }): Step {
  return step("ioctl", [reg("socket"), IOCTL.SIOCSIFFLAGS, linkFlags(name, IFF.UP | IFF.RUNNING)], { why });
}

/** `struct ifreq`: 16 bytes of name, then a union of 24 bytes of which the flags are the first two. */
function linkFlags(name: string, flags: number) {
  const bytes = Buffer.alloc(16);
  bytes.write(name);
  return struct(
    ["ifr_name", "u64", bytes.readBigUInt64LE(0), () => JSON.stringify(name)],
    ["", "u64", bytes.readBigUInt64LE(8)],
    ["ifr_flags", "u16", flags, (value) => spellFlags(IFF, value, "IFF_")],
    ["", "u64", 0],
    ["", "u64", 0],
  );
}
