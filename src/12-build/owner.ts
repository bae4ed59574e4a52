// `--chown`: numbers as they are, names as the image's own /etc/passwd and /etc/group have them. A number alone is the
// group's too; a name alone has the group of its entry. See the Dockerfile reference, "COPY --chown --chmod".

import { readLayerFile } from "../10-containers/spec/layer-files.ts";
import { resolveUser } from "../10-containers/spec/user.ts";

/** `layers` are the image's, unpacked, lowest first. Throws UserError for a name that it doesn't have. */
export function ownerIn(layers: string[], text: string): { uid: number; gid: number } {
  const files = { passwd: readLayerFile(layers, "etc/passwd"), group: readLayerFile(layers, "etc/group") };
  const [user = "", group] = text.split(":", 2);
  const found = resolveUser(files, user);
  const own = /^\d+$/.test(user) ? found.uid : found.gid;
  const gid = group ? resolveUser(files, `0:${group}`).gid : own;
  return { uid: found.uid, gid };
}
