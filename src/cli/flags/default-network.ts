// What network a container is on that names none.

import { isInitialUserNamespace } from "../../03-namespaces/index.ts";
import { possibleTunnel, TUNNELS } from "../../08-network/index.ts";

/**
 * What the environment says; or the bridge, for the host's root, who alone may lay cables; or for an ordinary user a program that
 * stands in for one, where there is such a program, or must be since `hasPorts`; or none.
 */
export function defaultNetwork(hasPorts: boolean): { network: string; isAsked: boolean } {
  const { MINI_DOCKER_NETWORK: chosen = "" } = process.env;
  if (chosen !== "") return { network: chosen, isAsked: true };
  if (process.getuid?.() === 0 && isInitialUserNamespace()) return { network: "bridge", isAsked: false };
  const tunnel = possibleTunnel() ?? (hasPorts ? TUNNELS[0] : undefined);
  return tunnel === undefined ? { network: "none", isAsked: true } : { network: tunnel, isAsked: false };
}
