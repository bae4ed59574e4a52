// What is asked inside of a container and of a virtual machine, in the same words of the same shell.

/** First it says that it is there; then, what it sees. */
export const QUESTIONS = `echo "here I am"
echo "kernel $(uname -r)"
set -- /proc/[0-9]*
echo "processes $#"
read up idle < /proc/uptime
echo "uptime $up"
while read name value unit; do [ "$name" = VmRSS: ] && echo "resident $value"; done < /proc/self/status
echo "that is all"`;

/** How it went, seen from outside and told from inside. */
export interface Heard {
  /** From the command to the first word. */
  firstWordMs: number;
  kernel: string;
  processes: number;
  /** Of what "uptime" counts: the kernel's. */
  uptimeMs: number;
  /** Of the shell that answers. */
  residentBytes: number;
}

/** Takes the answers line by line; true when that was all. */
export class Listener {
  private readonly began = performance.now();
  private readonly answers = new Map<string, string>();
  private firstWordMs = 0;

  line(line: string): boolean {
    if (line === "here I am") this.firstWordMs = performance.now() - this.began;
    const [, name, value] = /^(\w+) (\S+)$/.exec(line) ?? [];
    if (name !== undefined) this.answers.set(name, value!);
    return line === "that is all";
  }

  get heard(): Heard {
    const number = (name: string) => Number(this.answers.get(name));
    return {
      firstWordMs: this.firstWordMs,
      kernel: this.answers.get("kernel") ?? "",
      processes: number("processes"),
      uptimeMs: number("uptime") * 1000,
      residentBytes: number("resident") * 1024,
    };
  }
}
