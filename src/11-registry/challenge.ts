// A registry that wants to know who asks says how to tell it: `401`, and in `WWW-Authenticate` one challenge or several,
// each a scheme with parameters (RFC 9110, section 11.6.1):
//
//   Basic realm="registry"
//   Bearer realm="https://auth.example/token",service="registry.example",scope="repository:app:pull"

export type Challenge =
  | { scheme: "basic" }
  | {
      scheme: "bearer";
      /** Where tokens are given out. */
      realm: string;
      service: string | undefined;
      scope: string | undefined;
    };

/** The challenge that we can meet; a token is preferred, since it is good for one repository only. */
export function readChallenge(header: string): Challenge | undefined {
  const challenges = split(header).flatMap(({ scheme, parameters }) => known(scheme, parameters));
  return challenges.find(({ scheme }) => scheme === "bearer") ?? challenges[0];
}

function known(scheme: string, parameters: Map<string, string>): Challenge[] {
  if (scheme === "basic") return [{ scheme }];
  const realm = parameters.get("realm");
  if (scheme !== "bearer" || realm === undefined || !URL.canParse(realm)) return [];
  return [{ scheme, realm, service: parameters.get("service"), scope: parameters.get("scope") }];
}

interface Split {
  scheme: string;
  parameters: Map<string, string>;
}

/** A word that no `=` follows begins a new challenge; commas stand between parameters and between challenges alike. */
function split(header: string): Split[] {
  const found: Split[] = [];
  for (const [, scheme, key, quoted, plain] of header.matchAll(PARTS)) {
    if (scheme !== undefined) found.push({ scheme: scheme.toLowerCase(), parameters: new Map() });
    else found.at(-1)?.parameters.set(key!.toLowerCase(), quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "");
  }
  return found;
}

const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
const PARTS = new RegExp(
  `(${TOKEN})(?=\\s+${TOKEN}\\s*=|\\s*,|\\s*$)|(${TOKEN})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}))`,
  "g",
);
