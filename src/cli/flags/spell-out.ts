// Docker reads its command line with Go's pflag, and fingers know its habits: `-itm 512m`, `-m=512m`, `--rm=false`, and
// a value is the next word, whatever it looks like. Commander reads some of that otherwise. So words are first spelled
// out in the one form that both read alike, `--long=value`.

/** A flag as far as reading needs to know it. */
export interface Spelling {
  long: string;
  short: string | undefined;
  /** Takes no value of its own: `--rm` is `--rm=true`. */
  isSwitch: boolean;
}

export interface SpelledOut<F extends Spelling> {
  words: string[];
  /** The flags among them. */
  used: Set<F>;
  /** There is a flag nobody knows, or one without its value; it is left as it was. */
  hasUnknown: boolean;
}

/** `-itm 512m base ls -l` → `--interactive=true --tty=true --memory=512m base ls -l`, if it stops at an operand. */
export function spellOut<F extends Spelling>(
  argv: readonly string[],
  flags: readonly F[],
  stopsAtOperand: boolean,
): SpelledOut<F> {
  const speller = new Speller(argv, flags);
  speller.read(stopsAtOperand);
  return speller;
}

class Speller<F extends Spelling> implements SpelledOut<F> {
  words: string[] = [];
  used = new Set<F>();
  hasUnknown = false;
  private readonly rest: string[];
  private readonly flags: readonly F[];

  constructor(argv: readonly string[], flags: readonly F[]) {
    this.rest = [...argv];
    this.flags = flags;
  }

  read(stopsAtOperand: boolean): void {
    while (this.rest.length > 0) {
      const word = this.rest.shift()!;
      const isFlag = word.startsWith("-") && word !== "-" && word !== "--";
      if (word.startsWith("--") && isFlag) this.long(word);
      else if (isFlag) this.short(word);
      else this.words.push(word);
      if (word === "--" || (!isFlag && stopsAtOperand)) this.words.push(...this.rest.splice(0));
    }
  }

  /** `--name value`, `--name=value`, `--rm` */
  private long(word: string): void {
    const [name = "", ...value] = word.split("=");
    const flag = this.flags.find(({ long }) => long === name);
    if (flag && value.length > 0) this.use(flag, value.join("="));
    else if (flag) this.useNext(flag);
    else this.unknown(word);
  }

  /** Letters are switches, until one of them takes what remains as its value. */
  private short(word: string): void {
    const flag = this.flags.find(({ short }) => short === word.slice(0, 2));
    const remainder = word.slice(2);
    if (!flag) this.unknown(word);
    else if (remainder === "") this.useNext(flag);
    else if (!flag.isSwitch || remainder.startsWith("=")) this.use(flag, remainder.replace(/^=/, ""));
    else {
      this.use(flag, "true");
      this.short(`-${remainder}`);
    }
  }

  private useNext(flag: F): void {
    const value = flag.isSwitch ? "true" : this.rest.shift();
    if (value === undefined) this.unknown(flag.long);
    else this.use(flag, value);
  }

  private use(flag: F, value: string): void {
    this.words.push(`${flag.long}=${value}`);
    this.used.add(flag);
  }

  private unknown(word: string): void {
    this.words.push(word);
    this.hasUnknown = true;
  }
}
