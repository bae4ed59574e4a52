// One kernel runs programs of several architectures: an x86-64 one those of 32-bit x86 and of x32 too. Each call says in
// which it is made, and a filter that looked at numbers only would mistake one's harmless call for another's.

/** Those whose numbers we know, by their names in the OCI runtime specification. */
export type Architecture =
  | "SCMP_ARCH_X86_64"
  | "SCMP_ARCH_X86"
  | "SCMP_ARCH_X32"
  | "SCMP_ARCH_AARCH64"
  | "SCMP_ARCH_ARM";

/** AUDIT_ARCH_* of linux/audit.h: how the kernel says which it is. */
export const TOKEN: Readonly<Record<Architecture, number>> = {
  SCMP_ARCH_X86_64: 0xc000003e,
  SCMP_ARCH_X32: 0xc000003e,
  SCMP_ARCH_X86: 0x40000003,
  SCMP_ARCH_AARCH64: 0xc00000b7,
  SCMP_ARCH_ARM: 0x40000028,
};

/** How much of an argument a program of that architecture means. */
export const BITS: Readonly<Record<Architecture, 32 | 64>> = {
  SCMP_ARCH_X86_64: 64,
  SCMP_ARCH_X32: 32,
  SCMP_ARCH_X86: 32,
  SCMP_ARCH_AARCH64: 64,
  SCMP_ARCH_ARM: 32,
};

/** x32 has x86-64's token; this bit in the number tells them apart. */
export const X32_BIT = 0x40000000;

export function isArchitecture(name: string): name is Architecture {
  return name in TOKEN;
}

/** This machine's. */
export function nativeArchitecture(): Architecture {
  return process.arch === "arm64" ? "SCMP_ARCH_AARCH64" : "SCMP_ARCH_X86_64";
}
