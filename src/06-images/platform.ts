// The machine an image is for, written os/architecture[/variant] with Go's names: `linux/amd64`, `linux/arm64/v8`.

import { UserError } from "../01-syscalls/index.ts";

export interface Platform {
  os: string;
  architecture: string;
  variant?: string;
}

/** Node's names of architectures, and Go's. */
const ARCHITECTURES: Record<string, string> = { x64: "amd64", ia32: "386", ppc64: "ppc64le" };

/** Other names people use, as Docker understands them. */
const ALIASES: Record<string, string> = {
  x86_64: "amd64",
  "x86-64": "amd64",
  aarch64: "arm64",
  i386: "386",
  armhf: "arm",
};

/** 64-bit ARM without a variant means its only one. */
const USUAL_VARIANT: Record<string, string> = { arm64: "v8", arm: "v7" };

export function hostPlatform(): Platform {
  return { os: "linux", architecture: ARCHITECTURES[process.arch] ?? process.arch };
}

/** `linux/arm64/v8`, `linux/amd64`, or an architecture alone. Throws UserError. */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split("/");
  const [os, architecture, variant] = parts.length === 1 ? ["linux", ...parts] : parts;
  if (!parts.every((part) => /^[a-z0-9]+([_.-][a-z0-9]+)*$/.test(part)) || parts.length > 3 || !os || !architecture) {
    throw new UserError(`"${text}": unknown operating system or architecture: invalid argument`);
  }
  return { os, architecture: ALIASES[architecture] ?? architecture, ...(variant && { variant }) };
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter(Boolean).join("/");
}

/** An image for `offered` runs where `wanted` is asked for. */
export function isSamePlatform(wanted: Platform, offered: Platform): boolean {
  const variant = ({ architecture, variant }: Platform) => variant ?? USUAL_VARIANT[architecture];
  const isSameMachine = wanted.os === offered.os && wanted.architecture === offered.architecture;
  return isSameMachine && variant(wanted) === variant(offered);
}
