// The way out of a container's network. Root lays cables. An ordinary user has a program that stands in for one, if there is such a
// program, and the device through which it gets the container's packets.

import { isInitialUserNamespace } from "../../03-namespaces/index.ts";
import { deviceRefusal, TUNNEL_DEVICE, TUNNELS, tunnelProgram } from "../../08-network/index.ts";
import { type Finding, lacking, ok } from "./finding.ts";

export function networkFindings(): Finding[] {
  const isHostRoot = process.getuid?.() === 0 && isInitialUserNamespace();
  return isHostRoot ? [] : [deviceFinding(), programFinding()];
}

function deviceFinding(): Finding {
  const refusal = deviceRefusal();
  if (refusal === undefined) return ok("network tunnel", TUNNEL_DEVICE);
  const why = `${refusal}: networks of ordinary users need it`;
  return lacking("limited", "network tunnel", "none", { why, mend: "sudo modprobe tun; sudo chmod 666 /dev/net/tun" });
}

function programFinding(): Finding {
  const found = TUNNELS.flatMap((name) => tunnelProgram(name) ?? []);
  if (found.length > 0) return ok("network program", found.join(" "));
  const why = "slirp4netns or pasta stands in for a cable, which only root may lay";
  return lacking("limited", "network program", "none", { why, mend: "apt install slirp4netns, or passt" });
}
