// What the machine is called, in a UTS namespace: sethostname(2). The name is not a string to the kernel but bytes and
// their count.

import { type Step, step } from "../01-syscalls/index.ts";

/** `hostname` and `domainname` of an OCI bundle; at most 64 bytes each. */
export function hostnameSteps(hostname?: string, domainname?: string): Step[] {
  return [
    ...nameSteps("sethostname", "what `hostname` answers", hostname),
    ...nameSteps("setdomainname", "the NIS domain, which hardly anybody has", domainname),
  ];
}

function nameSteps(call: "sethostname" | "setdomainname", why: string, name?: string): Step[] {
  return name ? [step(call, [name, Buffer.byteLength(name)], { why })] : [];
}
