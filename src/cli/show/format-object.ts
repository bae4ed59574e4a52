// One record printed as JSON or through a template; where no format is given the command has its own text.

import { compileTemplate } from "./template.ts";

export function formatObject(format: string | undefined, object: object, standard: () => string): string {
  if (format === undefined || format === "") return standard();
  if (format === "json") return `${JSON.stringify(object)}\n`;
  return `${compileTemplate(format)(object)}\n`;
}
