// `--chmod`: a mode in octal, or how one is changed, as chmod(1) has it: `u=rwX,go=rX`.

type Change = (mode: number, isDirectory: boolean) => number;

/** Undefined for what is neither. */
export function parseMode(text: string): Change | undefined {
  if (/^[0-7]{3,5}$/.test(text)) {
    const mode = Number.parseInt(text, 8) & 0o7777;
    return () => mode;
  }
  const clauses = text.split(",").map(clauseOf);
  if (!clauses.every((clause) => clause !== undefined)) return undefined;
  return (mode, isDirectory) => clauses.reduce((changed, clause) => clause(changed, isDirectory), mode);
}

/** Where each class of users has its three bits. */
const SHIFT: Record<string, number> = { u: 6, g: 3, o: 0 };
const BIT: Record<string, number> = { r: 4, w: 2, x: 1 };

function clauseOf(text: string): Change | undefined {
  const [, classes = "", operator = "", letters = ""] = /^([ugoa]*)([-+=])([rwxXst]*)$/.exec(text) ?? [];
  if (operator === "") return undefined;
  const who = classes === "" || classes.includes("a") ? ["u", "g", "o"] : [...classes];
  return (mode, isDirectory) => {
    const bits = bitsOf(letters, who, isDirectory || (mode & 0o111) !== 0);
    if (operator === "+") return mode | bits;
    if (operator === "-") return mode & ~bits;
    return (mode & ~who.reduce((all, each) => all | (7 << SHIFT[each]!), 0)) | bits;
  };
}

/** `X` is `x` for directories and for what somebody may execute already. */
function bitsOf(letters: string, who: string[], isExecutable: boolean): number {
  const low = [...letters].reduce((all, letter) => {
    return all | (letter === "X" ? Number(isExecutable) : (BIT[letter] ?? 0));
  }, 0);
  const ordinary = who.reduce((all, each) => all | (low << SHIFT[each]!), 0);
  const sticky = letters.includes("t") ? 0o1000 : 0;
  if (!letters.includes("s")) return ordinary | sticky;
  return ordinary | sticky | (who.includes("u") ? 0o4000 : 0) | (who.includes("g") ? 0o2000 : 0);
}
