// What `doctor` says of one thing: what was found, and where something is lacking why, and how to mend it.

export interface Finding {
  name: string;
  /** `limited`: containers run, with less; `broken`: they don't. */
  status: "ok" | "limited" | "broken";
  found: string;
  why?: string;
  mend?: string;
}

export function ok(name: string, found: string): Finding {
  return { name, status: "ok", found };
}

export function lacking(
  status: "limited" | "broken",
  name: string,
  found: string,
  { why, mend }: { why?: string; mend?: string } = {},
): Finding {
  return { name, status, found, ...(why !== undefined && { why }), ...(mend !== undefined && { mend }) };
}
