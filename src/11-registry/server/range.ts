// A part of a file, as HTTP asks for it: `bytes=500-1499`, `bytes=500-` and `bytes=-500`. It is how an interrupted download
// is gone on with. Several ranges at once may be answered with everything, and are. See RFC 9110, section 14.

/** First and last byte, both inclusive. */
export interface Range {
  start: number;
  end: number;
}

/** The part that is asked for; undefined for all of it, "beyond" for one that isn't there. */
export function rangeOf(header: string | undefined, size: number): Range | undefined | "beyond" {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  return start <= end ? { start, end } : "beyond";
}
