// Where the lessons and the source lie that we show: in the package, beside `dist`.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder that has `lessons`, `src` and `dist` in it. */
export function packageFolder(from: string = import.meta.dirname): string {
  return existsSync(join(from, "lessons")) || from === "/" ? from : packageFolder(dirname(from));
}
