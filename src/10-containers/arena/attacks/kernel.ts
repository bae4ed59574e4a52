// Ways that lead through the kernel itself: calls that programs rarely need and attackers often used.

import { join } from "node:path";
import { nativeArchitecture } from "../../../07-security/architecture.ts";
import { syscallNumbers } from "../../../07-security/syscalls-table.ts";
import { type Attack, escaped, held, NotPerformed, verdictOn } from "../attack.ts";
import { ATTACKER, armed, type Ground, SECRET } from "../ground.ts";

export const leaveByChroot: Attack = {
  name: "leave by chroot",
  async perform(ground) {
    const secret = join(ground.hostFolder(), "secret");
    const said = await ground.target.run({ flags: armed(), command: [ATTACKER, "break-out", secret] });
    if (said.stdout === `${SECRET}\n`) return escaped("a file of the host was read");
    if (said.stdout !== "not found\n") throw new NotPerformed(said.stderr.trim());
    return held("the way up ends at the container's own root");
  },
};

/** With all arguments zero none of them does any harm where it isn't refused. */
const REACH = `
  bpf userfaultfd io_uring_setup io_uring_register perf_event_open fsopen open_tree move_mount fsconfig mount umount2
  pivot_root setns init_module finit_module delete_module kexec_load open_by_handle_at process_madvise kcmp quotactl
  swapon settimeofday reboot
`
  .trim()
  .split(/\s+/);

export const reachTheKernel: Attack = {
  name: "reach what the kernel guards least: bpf, userfaultfd, io_uring, …",
  cve: ["CVE-2022-0185", "CVE-2022-2602"],
  async perform(ground) {
    const through = await notRefused(ground, REACH);
    return verdictOn(through, {
      escaped: "the kernel took up",
      held: `${REACH.length} calls were refused before the kernel looked at them`,
    });
  },
};

const KEYS = ["keyctl", "add_key", "request_key"];

export const readTheKeys: Attack = {
  name: "read the keys of who started it",
  async perform(ground) {
    const through = await notRefused(ground, KEYS);
    return verdictOn(through, { escaped: "the kernel took up", held: `${KEYS.join(", ")} are refused` });
  },
};

const EPERM = "-1";
const ENOSYS = "-38";

async function notRefused(ground: Ground, calls: string[]): Promise<string[]> {
  const numbers = syscallNumbers(nativeArchitecture());
  const command = [ATTACKER, "call", ...calls.map((name) => String(numbers.get(name)))];
  const { stdout, stderr } = await ground.target.run({ flags: armed(), command });
  const answers = stdout.trim().split("\n");
  if (answers.length !== calls.length) throw new NotPerformed(stderr.trim());
  return calls.filter((_, index) => answers[index] !== EPERM && answers[index] !== ENOSYS);
}
