// The shared libraries of a program, and theirs, found where the dynamic loader would find them. See ld.so(8).

import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Elf, readElf } from "./elf.ts";

/** Where loaders look without being told: glibc's on several distributions, then musl's. */
const USUAL = ["/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib"];

/** A file that belongs in the image: its path there, and its content. */
export interface Needed {
  path: string;
  content: Buffer;
}

/**
 * Loader and libraries of programs, each once. The loader keeps its path, which is written in each program; libraries go
 * to the directory of the C library, where every loader looks. A library that can't be found is left out, as on the host.
 */
export function librariesOf(programs: Buffer[]): Needed[] {
  const search = searchPath();
  const found = new Map<string, Needed>();
  const elves = programs.map((content) => ({ elf: readElf(content), directory: "/" }));
  const home = libraryHome(
    elves.flatMap(({ elf }) => elf ?? []),
    search,
  );
  for (const todo = [...elves]; todo.length > 0; ) {
    const { elf, directory } = todo.pop()!;
    for (const name of elf ? namesOf(elf) : []) {
      if (found.has(name)) continue;
      const path = name.startsWith("/") ? name : locate(name, elf!, directory, search);
      if (path === undefined || !existsSync(path)) continue;
      const content = readFileSync(path);
      found.set(name, { path: name.startsWith("/") ? name : join(home, name), content });
      todo.push({ elf: readElf(content), directory: dirname(realpathSync(path)) });
    }
  }
  return withoutDoubles([...found.values()]);
}

function namesOf({ interpreter, needed }: Elf): string[] {
  return interpreter === undefined ? needed : [interpreter, ...needed];
}

function locate(name: string, elf: Elf, origin: string, search: string[]): string | undefined {
  const first = elf.runpath.map((path) => path.replace(/\$\{?ORIGIN\}?/, origin));
  return [...first, ...search].map((directory) => join(directory, name)).find((path) => existsSync(path));
}

/** Where the C library is; with musl it is the loader itself. */
function libraryHome(elves: Elf[], search: string[]): string {
  const elf = elves.find(({ needed }) => needed.some((name) => name.startsWith("libc.")));
  const name = elf?.needed.find((needed) => needed.startsWith("libc."));
  const path = elf && name && locate(name, elf, "/", search);
  return path ? dirname(path) : "/lib";
}

/** A loader may be needed by its path and, as a library, by its name. */
function withoutDoubles(all: Needed[]): Needed[] {
  return [...new Map(all.map((needed) => [needed.path, needed])).values()];
}

/** Directories from the loaders' own configuration, glibc's and musl's. */
function searchPath(): string[] {
  const files = ["/etc/ld.so.conf", ...filesIn("/etc/ld.so.conf.d", ".conf"), ...filesIn("/etc", ".path", "ld-musl-")];
  const lines = files.flatMap((file) => readFileSync(file, "utf8").split(/[\n:]/));
  return [...lines.map((line) => line.trim()).filter((line) => line.startsWith("/")), ...USUAL];
}

function filesIn(folder: string, end: string, start = ""): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(end) && name.startsWith(start));
  return names.sort().map((name) => join(folder, name));
}
