// goal runs: way-first

import type { Step } from "mini-docker/01-syscalls";
import { linkUpStep } from "mini-docker/03-namespaces";
import { addressStep, type Cable, closeSocketStep, netmaskStep, routeStep, socketStep } from "mini-docker/08-network";

export function addressSteps(cables: readonly Cable[]): Step[] {
  if (cables.length === 0) return [];
  return [
    socketStep(),
    ...cables.flatMap(({ name, address, prefix, gateway }) => [
      linkUpStep(name, { why: "its end in here is switched on" }),
      ...(gateway === undefined ? [] : [routeStep(gateway)]),
      addressStep(name, address),
      netmaskStep(name, prefix),
    ]),
    closeSocketStep(),
  ];
}
