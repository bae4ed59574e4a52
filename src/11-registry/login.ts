// Logging in is asking a registry whether it knows us, and writing down what we asked with: nothing stays open.

import { UserError } from "../01-syscalls/index.ts";
import { type Credentials, eraseCredentials, findCredentials, storeCredentials } from "./credentials.ts";
import { accountOf, endpointOf, HUB } from "./endpoint.ts";
import { Refusal } from "./refusal.ts";
import { Registry, type RegistryOptions } from "./registry.ts";
import { readSettings } from "./settings.ts";

/** `https://localhost:5000/` → `localhost:5000`; nothing is Docker Hub. Throws UserError. */
export function registryName(text: string | undefined): string {
  const host = (text || HUB).replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  if (!URL.canParse(`https://${host}/`)) throw new UserError(`invalid registry: ${text}`);
  return host === "index.docker.io" ? HUB : host;
}

/** Who we are there so far. */
export function knownCredentials(domain: string): Promise<Credentials | undefined> {
  return findCredentials(accountOf(domain));
}

/**
 * Keeps the credentials if the registry takes them. Returns the file they now stand in, where no helper keeps them.
 * Throws UserError.
 */
export async function logIn(
  domain: string,
  credentials: Credentials,
  options: RegistryOptions = {},
): Promise<string | undefined> {
  const { settings = readSettings() } = options;
  const endpoint = endpointOf(domain, settings);
  const registry = await Registry.connect(endpoint, { ...options, settings, credentials });
  try {
    const identityToken = await registry.logIn();
    const kept = identityToken === undefined ? credentials : { ...credentials, password: "", identityToken };
    return await storeCredentials(endpoint.account, kept);
  } catch (error) {
    throw refused(error, registry.origin);
  } finally {
    registry.close();
  }
}

/** False where nobody was logged in. */
export function logOut(domain: string): Promise<boolean> {
  return eraseCredentials(accountOf(domain));
}

function refused(error: unknown, { origin }: URL): unknown {
  if (!(error instanceof Refusal) || (error.status !== 401 && error.status !== 403)) return error;
  return new UserError(`login attempt to ${origin}/v2/ failed: ${error.message}`, { cause: error });
}
