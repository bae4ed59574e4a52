// Sockets between processes of one machine: found by a path, and able to carry descriptors from one process to another.
// See unix(7). What is sent is not the number but what is open there: the receiver gets a number of its own for it.

import { type About, step, struct } from "./calls.ts";
import { UserError } from "./error.ts";
import { AF, MSG, SOCK } from "./flags.ts";
import { type Arg, type Ref, type Register, reg, type Step, type Text } from "./step.ts";

/** A line, kept as `as`, to whoever listens at `path`. Throws UserError for one that is no address. */
export function connectSteps({ path, as, why }: { path: string; as: Register; why: string }): Step[] {
  const address = addressFor(path);
  return [
    step("socket", [AF.UNIX, SOCK.STREAM | SOCK.CLOEXEC, 0], { why: "a line to them", as }),
    step("connect", [reg(as), address, address.length], { why }),
  ];
}

/** The path is a part of the address, which has room for 108 bytes with the zero at its end. */
function addressFor(path: string): Uint8Array {
  const [FAMILY_BYTES, MOST_BYTES] = [2, 107];
  const address = Buffer.alloc(FAMILY_BYTES + Buffer.byteLength(path) + 1);
  if (Buffer.byteLength(path) > MOST_BYTES) throw new UserError(`the path of a socket can't be so long: ${path}`);
  address.writeUInt16LE(AF.UNIX, 0);
  address.write(path, FAMILY_BYTES);
  return address;
}

export interface Sent {
  socket: Ref;
  descriptor: Ref;
  /** A descriptor needs something to travel with: so many bytes of this. */
  data: string | Text;
  bytes: number;
}

/** sendmsg(2) with one descriptor beside the data. */
export function sendDescriptorStep({ socket, descriptor, data, bytes, ...about }: Sent & About): Step {
  const control = struct(
    ["cmsg_len", "u64", 20],
    ["cmsg_level", "u32", 1, () => "SOL_SOCKET"],
    ["cmsg_type", "u32", 1, () => "SCM_RIGHTS"],
    ["fd", "u32", descriptor],
    ["padding", "u32", 0],
  );
  return step("sendmsg", [socket, message(data, bytes, control), 0], { retry: ["EINTR"], atLeast: bytes, ...about });
}

/** recvmsg(2) of one byte with a descriptor beside it, kept as `as`. */
export function receiveDescriptorStep({ socket, as, why }: { socket: Ref; as: Register; why: string }): Step {
  // What arrives is the structure that was sent; each of its six words is an int to the kernel's caller.
  const control = { out: ["cmsg_len", "cmsg_len_high", "cmsg_level", "cmsg_type", as, "padding"] };
  const args = [socket, message({ room: 8 }, 1, control), MSG.CMSG_CLOEXEC];
  return step("recvmsg", args, { why, retry: ["EINTR"], atLeast: 1 });
}

/** struct msghdr: what is said, and beside it struct cmsghdr {len, SOL_SOCKET, SCM_RIGHTS} with the descriptor. */
function message(data: Arg, bytes: number, control: Arg): Arg {
  return struct(
    ["msg_name", "pointer", null],
    ["msg_namelen", "u32", 0],
    ["msg_iov", "pointer", struct(["iov_base", "pointer", data], ["iov_len", "u64", bytes])],
    ["msg_iovlen", "u64", 1],
    ["msg_control", "pointer", control],
    ["msg_controllen", "u64", 24],
    ["msg_flags", "u32", 0],
  );
}
