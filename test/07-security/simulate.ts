// An interpreter of classic BPF, as the kernel's runs a seccomp filter: to ask a program for its verdict without being
// subject to it. Written from bpf(4), on purpose without anything of ours.

/** `struct seccomp_data`: what the kernel shows a filter of a call. */
export interface Call {
  number: number;
  /** AUDIT_ARCH_*. */
  architecture: number;
  args?: bigint[];
}

/** The verdict (SECCOMP_RET_*, with its data) of a program of `struct sock_filter`s. Throws for a program that is none. */
export function simulate(program: Uint8Array, call: Call): number {
  return run(program, call).verdict;
}

/** How many instructions it takes to get there. */
export function countInstructions(program: Uint8Array, call: Call): number {
  return run(program, call).count;
}

function run(bytes: Uint8Array, call: Call): { verdict: number; count: number } {
  const program = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = wordsOf(call);
  let accumulator = 0;
  let count = 0;
  for (let at = 0; ; at += 8) {
    count++;
    const code = program.getUint16(at, true);
    const k = program.getUint32(at + 4, true);
    const skip = (holds: boolean) => program.getUint8(at + (holds ? 2 : 3)) * 8;
    if (code === 0x06) return { verdict: k, count };
    else if (code === 0x20) accumulator = words.getUint32(k, true);
    else if (code === 0x54) accumulator = (accumulator & k) >>> 0;
    else if (code === 0x05) at += k * 8;
    else if (code === 0x15) at += skip(accumulator === k);
    else if (code === 0x25) at += skip(accumulator > k);
    else if (code === 0x35) at += skip(accumulator >= k);
    else if (code === 0x45) at += skip((accumulator & k) !== 0);
    else throw new Error(`no such instruction: 0x${code.toString(16)}`);
  }
}

function wordsOf({ number, architecture, args = [] }: Call): DataView {
  const words = new DataView(new ArrayBuffer(64));
  words.setUint32(0, number, true);
  words.setUint32(4, architecture, true);
  args.forEach((arg, index) => {
    words.setBigUint64(16 + index * 8, BigInt.asUintN(64, arg), true);
  });
  return words;
}
