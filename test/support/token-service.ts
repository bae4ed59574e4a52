// A token service as docker-registry believes it: it signs what it allows (a JSON web token, RFC 7519) with a key whose
// certificate the registry was given.

import { execFileSync } from "node:child_process";
import { createSign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";

export interface TokenService {
  realm: string;
  /** What docker-registry has to know of it. */
  configuration: object;
  /** Scopes that were asked for, one line a token, with who asked for it. */
  asked: string[];
  /** How long what it gives out is good for, as it says. */
  seconds: number;
  close(): void;
}

const SERVICE = "registry.test";
const PASSWORD = `Basic ${Buffer.from("student:secret").toString("base64")}`;
export const IDENTITY = "an identity token";

/** `folder` is for its key. Anybody may pull from `public/…`; student, with the password "secret", may do everything. */
export async function startTokenService(folder: string): Promise<TokenService> {
  const [key, certificate] = [join(folder, "token.key"), join(folder, "token.crt")];
  const files = ["-keyout", key, "-out", certificate];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=t", ...files], {
    stdio: "ignore",
  });
  const sign = signer(readFileSync(key, "utf8"), readFileSync(certificate, "utf8"));
  const service: TokenService = { realm: "", configuration: {}, asked: [], seconds: 300, close: () => server.close() };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url!, "http://x");
    const form = new URLSearchParams(await text(request));
    const scopes = form.get("scope")?.split(" ") ?? url.searchParams.getAll("scope");
    const { authorization } = request.headers;
    const isStudent = authorization === PASSWORD || form.get("refresh_token") === IDENTITY;
    service.asked.push(`${isStudent ? "student" : "anybody"}: ${scopes.join(" ")}`);
    if ((authorization || form.has("refresh_token")) && !isStudent) {
      response.writeHead(401).end('{"details":"incorrect username or password"}');
      return;
    }
    const token = sign(scopes.flatMap((scope) => allowed(scope, isStudent)));
    const offline = url.searchParams.has("offline_token") ? { refresh_token: IDENTITY } : {};
    const named = form.has("grant_type") ? { access_token: token } : { token };
    response.end(JSON.stringify({ ...named, expires_in: service.seconds, ...offline }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  service.realm = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  const token = { realm: service.realm, service: SERVICE, issuer: "test", rootcertbundle: certificate };
  service.configuration = { auth: { token } };
  return service;
}

function allowed(scope: string, isStudent: boolean): object[] {
  const [type = "", name = "", actions = ""] = scope.split(":");
  const isPublic = type === "repository" && name.startsWith("public/");
  const granted = isStudent ? actions.split(",") : isPublic ? ["pull"] : [];
  return [{ type, name, actions: granted }];
}

function signer(key: string, certificate: string): (access: object[]) => string {
  const x5c = [certificate.replace(/-----.*-----|\n/g, "")];
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return (access) => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: "test", sub: "", aud: SERVICE, exp: now + 300, nbf: now - 5, iat: now, jti: "1", access };
    const content = `${part({ typ: "JWT", alg: "RS256", x5c })}.${part(claims)}`;
    return `${content}.${createSign("RSA-SHA256").update(content).sign(key).toString("base64url")}`;
  };
}
