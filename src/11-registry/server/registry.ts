// What every operation works on.

import type { IsUsed } from "../../06-images/remove.ts";

export interface Registry {
  /** Of the store. */
  root: string;
  /** Nothing is taken in, and nothing removed. */
  readOnly: boolean;
  /** Which container an image is used by. */
  isUsed: IsUsed;
}
