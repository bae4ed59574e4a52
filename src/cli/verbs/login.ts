// `login`: who we are at a registry, asked for and kept.

import { text } from "node:stream/consumers";
import { UserError } from "../../01-syscalls/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { type Credentials, HUB, knownCredentials, logIn, registryName } from "../../11-registry/index.ts";
import { askPerson, askSecret } from "../ask-person.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { boolean } from "../flags/values.ts";

interface Asked {
  username?: string;
  password?: string;
  passwordStdin: boolean;
}

const login = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-p, --password", "string", "Password or personal access token", login.one("password", (given) => given)],
    ["--password-stdin", "", "Take the password from stdin", login.one("passwordStdin", boolean)],
    ["-u, --username", "string", "Username", login.one("username", (given) => given)],
  ],
];

export async function verb(argv: string[], _roots: Roots): Promise<number> {
  const asked: Asked = { passwordStdin: false };
  const words = readCommand({ name: "login", operands: ["[server]"], flags: FLAGS, asked }, argv);
  if (words === undefined) return 0;
  const domain = registryName(words[0]);
  check(asked);
  if (await isStillKnown(domain, asked)) return succeeded();
  const file = await logIn(domain, await credentialsFor(domain, asked));
  if (file !== undefined) process.stderr.write(`\nWARNING! Your credentials are stored unencrypted in '${file}'.\n\n`);
  return succeeded();
}

function succeeded(): number {
  process.stdout.write("Login Succeeded\n");
  return 0;
}

function check({ username, password, passwordStdin }: Asked): void {
  if (password !== undefined && passwordStdin)
    throw new UserError("conflicting options: cannot specify both --password and --password-stdin");
  if (passwordStdin && !username) throw new UserError("the --password-stdin option requires --username to be set");
  if (password !== undefined)
    process.stderr.write("WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n");
}

/** One who is logged in needn't type it all again. */
async function isStillKnown(domain: string, { username, password, passwordStdin }: Asked): Promise<boolean> {
  const isAsked = username !== undefined || password !== undefined || passwordStdin;
  const known = isAsked ? undefined : await knownCredentials(domain);
  if (!known) return false;
  process.stdout.write(`Authenticating with existing credentials... [Username: ${known.username}]\n`);
  try {
    await logIn(domain, known);
    return true;
  } catch (error) {
    if (!(error instanceof UserError) || !process.stdin.isTTY) throw error;
    process.stdout.write(`Login did not succeed: ${error.message}\n`);
    return false;
  }
}

async function credentialsFor(domain: string, asked: Asked): Promise<Credentials> {
  if (asked.passwordStdin)
    return required({ username: asked.username!, password: (await text(process.stdin)).replace(/\r?\n$/, "") });
  const isComplete = asked.username !== undefined && asked.password !== undefined;
  if (!isComplete && !process.stdin.isTTY)
    throw new UserError("cannot perform an interactive login from a non TTY device");
  if (!isComplete && domain === HUB) process.stdout.write("Log in with your Docker ID or email address.\n");
  const username = asked.username ?? (await askPerson("Username: "));
  return required({ username, password: asked.password ?? (await askSecret("Password: ")) });
}

function required(credentials: Credentials): Credentials {
  if (credentials.username === "") throw new UserError("username is required");
  if (credentials.password === "") throw new UserError("password is required");
  return credentials;
}
