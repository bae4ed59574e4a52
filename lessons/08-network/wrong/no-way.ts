// goal way: no-way

import type { Step } from "mini-docker/01-syscalls";
import { linkUpStep } from "mini-docker/03-namespaces";
import { addressStep, type Cable, closeSocketStep, netmaskStep, socketStep } from "mini-docker/08-network";

export function addressSteps(cables: readonly Cable[]): Step[] {
  if (cables.length === 0) return [];
  return [
    socketStep(),
    ...cables.flatMap(({ name, address, prefix }) => [
      linkUpStep(name, { why: "its end in here is switched on" }),
      addressStep(name, address),
      netmaskStep(name, prefix),
    ]),
    closeSocketStep(),
  ];
}
