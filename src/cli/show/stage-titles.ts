// The stages as the course names them, and what each is about in a few words.

import type { ChalkInstance } from "chalk";

interface Title {
  name: string;
  about: string;
  badge: (paint: ChalkInstance) => ChalkInstance;
}

const TITLES: Record<string, Title> = {
  "01": { name: "system calls", about: "asking the kernel", badge: (paint) => paint.bgWhite.black },
  "02": { name: "rootfs", about: "a different /", badge: (paint) => paint.bgCyan.black },
  "03": {
    name: "namespaces",
    about: "different answers to the same questions",
    badge: (paint) => paint.bgMagenta.white,
  },
  "04": { name: "cgroups", about: "how much", badge: (paint) => paint.bgYellow.black },
  "05": { name: "overlay", about: "layers", badge: (paint) => paint.bgGreen.black },
  "06": { name: "images", about: "files with a name", badge: (paint) => paint.bgWhite.black },
  "07": { name: "security", about: "less power", badge: (paint) => paint.bgRed.white },
  "08": { name: "network", about: "a cable", badge: (paint) => paint.bgCyan.black },
  "09": { name: "volumes", about: "what stays", badge: (paint) => paint.bgGreen.black },
  "10": { name: "containers", about: "all of it at once", badge: (paint) => paint.bgBlue.white },
};

export interface StageTitle {
  /** ` 02 `, on the stage's own colour. */
  badge: string;
  name: string;
  about: string;
}

/** `02-rootfs` → its title. A stage nobody named here is shown by its folder. */
export function stageTitle(stage: string, paint: ChalkInstance): StageTitle {
  const number = stage.slice(0, 2);
  const { name, about, badge } = TITLES[number] ?? { name: stage.slice(3), about: "", badge: () => paint.inverse };
  return { badge: badge(paint).bold(` ${number} `), name, about };
}
