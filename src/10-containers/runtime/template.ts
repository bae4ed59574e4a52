// `spec`: a config.json to begin from, with what Docker would give a container.

import {
  DEFAULT_CAPABILITIES,
  DEFAULT_MASKED_PATHS,
  DEFAULT_READONLY_PATHS,
  setsFor,
} from "../../07-security/index.ts";
import { mountList } from "../spec/mounts.ts";
import { namespaceList, type Owner, userMap } from "../spec/namespaces.ts";
import { OCI_VERSION, type Spec } from "../spec/oci.ts";
import { runOptions } from "../spec/options.ts";

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const NOWHERE = { hosts: "", hostname: "", resolvConf: "", init: "" };

/** For a container of root's, or of an ordinary user's. */
export function templateSpec(owner: Owner): Spec {
  const options = runOptions("");
  // The three files of the network are for those who know the network.
  const mounts = mountList(options, NOWHERE, owner).filter(({ type }) => type !== "bind");
  return {
    ociVersion: OCI_VERSION,
    process: {
      terminal: true,
      user: { uid: 0, gid: 0 },
      args: ["sh"],
      env: [`PATH=${DEFAULT_PATH}`, "TERM=xterm"],
      cwd: "/",
      capabilities: setsFor([...DEFAULT_CAPABILITIES], 0),
      rlimits: [{ type: "RLIMIT_NOFILE", hard: 1024, soft: 1024 }],
      noNewPrivileges: true,
    },
    root: { path: "rootfs", readonly: true },
    hostname: "mini-docker",
    mounts,
    linux: {
      ...userMap(options, owner, {}),
      namespaces: namespaceList(options, owner, {}),
      resources: { devices: [{ allow: false, access: "rwm" }] },
      maskedPaths: [...DEFAULT_MASKED_PATHS],
      readonlyPaths: [...DEFAULT_READONLY_PATHS],
    },
  };
}
