// A certificate that signs itself, of openssl.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../06-images/archives.ts";

/** For a `host`, as a certificate names it: `IP:127.0.0.1`, `DNS:registry.test`. */
export function certificate(host = "IP:127.0.0.1"): { cert: Buffer; key: Buffer } {
  const folder = temporaryFolder();
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const name = `/CN=${host.replace(/^\w+:/, "")}`;
  const what = ["-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-subj", name];
  const where = ["-addext", `subjectAltName=${host}`, "-keyout", key, "-out", cert];
  execFileSync("openssl", ["req", ...what, ...where], { stdio: "pipe" });
  return { cert: readFileSync(cert), key: readFileSync(key) };
}
