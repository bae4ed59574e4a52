// Your turn: the cable is laid, and one end of it is in the container's network. There it is a link, switched off and
// nobody's. Make it of use: guest is to be 10.8.0.2, to find its neighbours, the 10.8.0.x, on the link itself, and to reach
// everybody else through the gateway.
//
// Your steps run in the container's network. `cables` says what has been decided; it can have more than one.
//
//   linkUpStep(name, { why })     switches a link on
//   addressStep(name, address)    gives a link its address
//   netmaskStep(name, prefix)     whoever shares the first `prefix` bits of this address is near
//   routeStep(gateway)            whoever isn't near is reached through `gateway`, who must be
//
// All of them talk through one socket, and each is taken or refused for what there is by then. See netdevice(7).

import type { Step } from "mini-docker/01-syscalls";
import { linkUpStep } from "mini-docker/03-namespaces";
import { addressStep, type Cable, closeSocketStep, socketStep } from "mini-docker/08-network";

export function addressSteps(cables: readonly Cable[]): Step[] {
  if (cables.length === 0) return [];
  return [
    socketStep(),
    ...cables.flatMap(({ name, address }) => [
      linkUpStep(name, { why: "its end in here is switched on" }),
      addressStep(name, address),
      // TODO: the gateway answers already. And whoever is behind it?
    ]),
    closeSocketStep(),
  ];
}
