// What network a container is on that names none.

import { isInitialUserNamespace } from "../../03-namespaces/index.ts";
import type { EndpointWish } from "../../10-containers/spec/options.ts";

/** What the environment says; or the bridge, for the host's root, who alone may lay cables; or none. */
export function defaultWish(): EndpointWish {
  const { MINI_DOCKER_NETWORK: chosen = "" } = process.env;
  if (chosen !== "") return { network: chosen, aliases: [] };
  if (process.getuid?.() === 0 && isInitialUserNamespace()) return { network: "bridge", aliases: [], isDefault: true };
  return { network: "none", aliases: [] };
}
