// What a program needs to run stands in its ELF headers: the dynamic loader that starts it, and the names of the shared
// libraries that the loader has to find. `ldd` shows the same by starting the program; reading starts nothing.
//
// A header names segments; segment INTERP holds the loader's path, segment DYNAMIC a list of (tag, value) pairs, whose
// names are offsets into a table of strings. See elf(5).

/** The parts that say what else is needed. Neither loader nor libraries: a static program. */
export interface Elf {
  /** `/lib64/ld-linux-x86-64.so.2` */
  interpreter: string | undefined;
  /** `libc.so.6` */
  needed: string[];
  /** Directories to look in first; `$ORIGIN` stands for the file's own. */
  runpath: string[];
}

const PT = { LOAD: 1, DYNAMIC: 2, INTERP: 3 };
const DT = { NULL: 0, NEEDED: 1, STRTAB: 5, RPATH: 15, RUNPATH: 29 };

interface Segment {
  type: number;
  offset: number;
  address: number;
  size: number;
}

/** The headers of a 64-bit little-endian file; undefined for anything else, scripts for example. */
export function readElf(file: Buffer): Elf | undefined {
  const isElf = file.length >= 64 && file.readUInt32BE(0) === 0x7f454c46 && file[4] === 2 && file[5] === 1;
  if (!isElf) return undefined;
  const segments = readSegments(file);
  const interpreter = segments.find(({ type }) => type === PT.INTERP);
  const dynamic = segments.find(({ type }) => type === PT.DYNAMIC);
  const names = dynamic ? readDynamic(file, dynamic, segments) : [];
  const valuesOf = (...tags: number[]) => names.filter(({ tag }) => tags.includes(tag)).map(({ name }) => name);
  return {
    interpreter: interpreter && textAt(file, interpreter.offset),
    needed: valuesOf(DT.NEEDED),
    runpath: valuesOf(DT.RUNPATH, DT.RPATH).flatMap((paths) => paths.split(":")),
  };
}

function readSegments(file: Buffer): Segment[] {
  const [start, size, count] = [u64(file, 32), file.readUInt16LE(54), file.readUInt16LE(56)];
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * size;
    return {
      type: file.readUInt32LE(at),
      offset: u64(file, at + 8),
      address: u64(file, at + 16),
      size: u64(file, at + 32),
    };
  });
}

function readDynamic(file: Buffer, { offset, size }: Segment, segments: Segment[]): { tag: number; name: string }[] {
  const count = Math.floor(size / 16);
  const pairs = Array.from({ length: count }, (_, index) => ({
    tag: u64(file, offset + index * 16),
    value: u64(file, offset + index * 16 + 8),
  }));
  const end = pairs.findIndex(({ tag }) => tag === DT.NULL);
  const table = offsetOf(pairs.find(({ tag }) => tag === DT.STRTAB)?.value ?? 0, segments);
  const named = pairs.slice(0, end).filter(({ tag }) => tag === DT.NEEDED || tag === DT.RUNPATH || tag === DT.RPATH);
  return named.map(({ tag, value }) => ({ tag, name: textAt(file, table + value) }));
}

/** Where in the file an address of the running program comes from. */
function offsetOf(address: number, segments: Segment[]): number {
  const holds = (s: Segment) => s.type === PT.LOAD && address >= s.address && address < s.address + s.size;
  const segment = segments.find(holds);
  return segment ? address - segment.address + segment.offset : 0;
}

function textAt(file: Buffer, at: number): string {
  return file.toString("latin1", at, file.indexOf(0, at));
}

/** Offsets in files fit a double. */
function u64(file: Buffer, at: number): number {
  return Number(file.readBigUInt64LE(at));
}
