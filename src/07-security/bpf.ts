// Classic BPF: the little machine that seccomp asks before every system call. See bpf(4) and seccomp(2).
//
// It has one accumulator, can load a word of `struct seccomp_data`, compare, jump and return a verdict. It only jumps
// forward, so a program always ends. We use that: a program is written from its end to its beginning, and whatever a
// jump leads to is already there, at a known place.
//
//   struct seccomp_data { u32 nr; u32 arch; u64 instruction_pointer; u64 args[6]; }

/** Where the words of `struct seccomp_data` are, in bytes; little-endian, so an argument's low half comes first. */
export const WORD = {
  NUMBER: 0,
  ARCHITECTURE: 4,
  low: (argument: number): number => 16 + 8 * argument,
  high: (argument: number): number => 20 + 8 * argument,
};

/** Opcodes: class | size or operation | mode or operand, from linux/bpf_common.h. */
export const OP = { LOAD: 0x20, AND: 0x54, JUMP: 0x05, JEQ: 0x15, JGT: 0x25, JGE: 0x35, RETURN: 0x06 } as const;

export type Comparison = typeof OP.JEQ | typeof OP.JGT | typeof OP.JGE;

/** A place in the program, counted from its end. */
export type Label = number;

interface Instruction {
  op: number;
  /** Instructions to skip if the comparison holds, and if it doesn't: one byte each. */
  yes: number;
  no: number;
  k: number;
}

const FARTHEST = 255;
/** BPF_MAXINSNS: the kernel takes no longer program. */
const LONGEST = 4096;

export class Program {
  private readonly backwards: Instruction[] = [];
  private readonly known = new Map<string, Label>();
  private readonly relays = new Map<Label, Label>();

  /** Ends the filter with a verdict. */
  verdict(value: number): Label {
    return this.once(`return ${value}`, () => this.write(OP.RETURN, value));
  }

  /** Compares the accumulator with `k`. */
  branch(op: Comparison, k: number, yes: Label, no: Label): Label {
    if (yes === no) return yes;
    return this.once(`${op} ${k} ${yes} ${no}`, () => {
      const [near, nearToo] = [this.near(yes), this.near(no)];
      const here = this.backwards.length;
      return this.write(op, k, here - 1 - near, here - 1 - nearToo);
    });
  }

  /** Loads a word, of which only the bits of `mask` count, and compares it with `k`. */
  test(o: { word: number; mask?: number; op: Comparison; k: number; yes: Label; no: Label }): Label {
    if (o.yes === o.no) return o.yes;
    const { mask = 0xffffffff } = o;
    const compare = this.branch(o.op, o.k, o.yes, o.no);
    const masked = mask === 0xffffffff ? compare : this.before(compare, OP.AND, mask);
    return this.load(o.word, masked);
  }

  /** Loads a word and goes on at `next`. */
  load(word: number, next: Label): Label {
    return this.before(next, OP.LOAD, word);
  }

  /** The program as an array of `struct sock_filter { u16 code; u8 jt; u8 jf; u32 k; }`, beginning at `first`. */
  bytes(first: Label): Uint8Array {
    const forwards = this.backwards.slice(0, first + 1).reverse();
    if (forwards.length > LONGEST) throw new Error(`a filter of ${forwards.length} instructions is too long`);
    const bytes = Buffer.alloc(forwards.length * 8);
    forwards.forEach(({ op, yes, no, k }, index) => {
      bytes.writeUInt16LE(op, index * 8);
      bytes.writeUInt8(yes, index * 8 + 2);
      bytes.writeUInt8(no, index * 8 + 3);
      bytes.writeUInt32LE(k, index * 8 + 4);
    });
    return new Uint8Array(bytes);
  }

  /** An instruction that falls through to `next`, which therefore has to stand right behind it. */
  private before(next: Label, op: number, k: number): Label {
    return this.once(`${op} ${k} ${next}`, () => {
      if (next !== this.backwards.length - 1) this.jump(next);
      return this.write(op, k);
    });
  }

  /** A comparison skips 255 instructions at most. For what is farther away there is a relay, one for all around it. */
  private near(label: Label): Label {
    const nearest = this.relays.get(label) ?? label;
    // Between here and the comparison there may still come one more, for its other outcome.
    if (this.backwards.length - nearest <= FARTHEST) return nearest;
    const { op, k } = this.backwards[label]!;
    const relay = op === OP.RETURN ? this.write(op, k) : this.jump(label);
    this.relays.set(label, relay);
    return relay;
  }

  private jump(label: Label): Label {
    return this.write(OP.JUMP, this.backwards.length - 1 - label);
  }

  private write(op: number, k: number, yes = 0, no = 0): Label {
    return this.backwards.push({ op, yes, no, k }) - 1;
  }

  /** The same instruction leading to the same places is written once: many calls share a verdict. */
  private once(key: string, write: () => Label): Label {
    const label = this.known.get(key) ?? write();
    this.known.set(key, label);
    return label;
  }
}
