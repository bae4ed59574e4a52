// Formats of what is printed, where there is a choice.

import { UserError } from "../../01-syscalls/index.ts";

export function tableOrJson(text: string): "table" | "json" {
  if (text === "table" || text === "json") return text;
  throw new UserError("invalid format option (table or json)");
}
