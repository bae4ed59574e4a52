// Who we are, for each registry: from config.json itself, or from the helper that it names. A helper for this very
// registry comes first, then the one for all, then the file.

import { type AuthEntry, changeDockerConfig, configPath, type DockerConfig, readDockerConfig } from "./config-file.ts";
import { askHelper, eraseFromHelper, tellHelper } from "./credential-helper.ts";

export interface Credentials {
  username: string;
  /** Empty where there is an identity token. */
  password: string;
  identityToken?: string;
}

/** The name that a helper, or the file, gives to one who has an identity token instead of a password. */
const TOKEN_USER = "<token>";

/** `account` is the name of endpoint.ts. Undefined for one who isn't known there. Throws UserError. */
export async function findCredentials(account: string, path = configPath()): Promise<Credentials | undefined> {
  const config = readDockerConfig(path);
  const helper = helperFor(config, account);
  if (helper === undefined) return credentialsIn(entryFor(config, account));
  const secret = await askHelper(helper, account);
  return secret && credentialsOf(secret.Username, secret.Secret);
}

/** Keeps them where they are looked for. Returns the file, where they stand there for everybody who may read it. */
export async function storeCredentials(
  account: string,
  credentials: Credentials,
  path = configPath(),
): Promise<string | undefined> {
  const { username, password, identityToken } = credentials;
  const helper = helperFor(readDockerConfig(path), account);
  if (helper !== undefined) {
    const [Username, Secret] = identityToken ? [TOKEN_USER, identityToken] : [username, password];
    await tellHelper(helper, { ServerURL: account, Username, Secret });
  }
  const entry = helper === undefined ? entryOf(credentials) : {};
  changeDockerConfig(path, (config) => ({ ...config, auths: { ...config.auths, [account]: entry } }));
  return helper === undefined ? path : undefined;
}

/** False where nothing was known. */
export async function eraseCredentials(account: string, path = configPath()): Promise<boolean> {
  const config = readDockerConfig(path);
  const helper = helperFor(config, account);
  if (helper !== undefined) await eraseFromHelper(helper, account);
  const key = keyFor(config, account);
  if (key === undefined) return helper !== undefined;
  changeDockerConfig(path, ({ auths = {}, ...rest }) => {
    const { [key]: _, ...others } = auths;
    return { ...rest, auths: others };
  });
  return true;
}

/** `Authorization: Basic …` (RFC 7617). */
export function basicHeader({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function helperFor({ credHelpers = {}, credsStore }: DockerConfig, account: string): string | undefined {
  return (Object.hasOwn(credHelpers, account) && credHelpers[account]) || credsStore || undefined;
}

function entryFor(config: DockerConfig, account: string): AuthEntry | undefined {
  const key = keyFor(config, account);
  return key === undefined ? undefined : config.auths?.[key];
}

/** Old files have addresses in place of names: `https://localhost:5000/v1/`. */
function keyFor({ auths = {} }: DockerConfig, account: string): string | undefined {
  if (Object.hasOwn(auths, account)) return account;
  return Object.keys(auths).find((key) => hostOf(key) === hostOf(account));
}

function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}

function credentialsIn(entry: AuthEntry | undefined): Credentials | undefined {
  const [, username = "", password = ""] = /^([^:]*):(.*)$/s.exec(decode(entry?.auth)) ?? [];
  if (entry?.identitytoken) return { username, password: "", identityToken: entry.identitytoken };
  // Docker once padded passwords with zeros.
  return username === "" ? undefined : credentialsOf(username, password.replace(/\0+$/, ""));
}

function decode(auth: string | undefined): string {
  return Buffer.from(auth ?? "", "base64").toString();
}

function credentialsOf(username: string, secret: string): Credentials {
  return username === TOKEN_USER ? { username, password: "", identityToken: secret } : { username, password: secret };
}

function entryOf({ username, password, identityToken }: Credentials): AuthEntry {
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  return { auth, ...(identityToken !== undefined && { identitytoken: identityToken }) };
}
