// The directory a command starts in is made if the image lacks it, as Docker does.

import { chdirStep, mkdirStep, type Step } from "../01-syscalls/index.ts";

/** After pivot_root, so that links on the way lead nowhere but into the container. */
export function workdirSteps(cwd: string): Step[] {
  if (cwd === "/") return [];
  const names = cwd.split("/").filter(Boolean);
  const folders = names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`);
  return [
    ...folders.map((path) =>
      mkdirStep({ path, mode: 0o755, why: "on the way to the working directory", allow: ["EEXIST", "EROFS"] }),
    ),
    chdirStep({ path: cwd, why: "where the command starts" }),
  ];
}
