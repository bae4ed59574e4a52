// Programs that keep something, as people run them: asked over a network by the name they have there, with their files in a volume,
// and killed without a warning.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";
import { buildPrograms, killAll, postgresFolders } from "./programs.ts";

const md = cliForTests();
const TOOLS = ["root", "speed", "program:nft", "program:ip"] as const;

/** What the container `client` is told, as soon as somebody is there to tell it. */
function ask(client: string, isReady: string, ...words: string[]): string {
  const script = `until ${isReady}; do sleep .05; done > /dev/null 2>&1; exec "$@"`;
  return md.ok("exec", client, "timeout", "15", "sh", "-c", script, "sh", ...words);
}

describe("redis", needs(...TOOLS, "program:redis-server", "program:redis-cli"), () => {
  const SERVE = ["redis-server", "--dir", "/data", "--appendonly", "yes", "--appendfsync", "always"];
  const store = ["--network", "market", "--network-alias", "cache", "-v", "ledger:/data", "redis"];

  beforeAll(() => {
    buildPrograms(md, "redis", { programs: ["redis-server", "redis-cli"] });
    md.ok("network", "create", "market");
    md.ok("run", "-d", "--name", "store", ...store, ...SERVE, "--protected-mode", "no");
    md.ok("run", "-d", "--name", "buyer", "--network", "market", "redis", "sleep", "600");
    md.ok("run", "-d", "--name", "seller", "--network", "market", "redis", "sleep", "600");
  });
  afterAll(() => {
    md.ok("rm", "-f", "store", "buyer", "seller");
    md.ok("network", "rm", "market");
    md.ok("volume", "rm", "ledger");
  });

  const redis = (client: string, ...words: string[]) =>
    ask(client, "redis-cli -h cache ping", "redis-cli", "-h", "cache", ...words);

  test("hears from one container, by its alias, and tells another", () => {
    expect(redis("seller", "set", "price", "42")).toBe("OK");
    expect(redis("buyer", "get", "price")).toBe("42");
    const much = "head -c 3000000 /dev/zero | tr '\\0' x | redis-cli -h cache -x set much";
    expect(md.ok("exec", "seller", "sh", "-c", much)).toBe("OK");
    expect(redis("buyer", "strlen", "much")).toBe("3000000");
  });

  test("still knows it when it was killed, and when another is there in its place", () => {
    killAll(md, "store");
    md.ok("start", "store");
    expect(redis("buyer", "get", "price")).toBe("42");
    md.ok("rm", "-f", "store");
    md.ok("run", "-d", "--name", "store", ...store, ...SERVE, "--protected-mode", "no");
    expect(redis("buyer", "get", "price")).toBe("42");
    expect(redis("buyer", "strlen", "much")).toBe("3000000");
  });
});

const PASSWD = "root:x:0:0:root:/root:/bin/sh\npostgres:x:70:70::/var/lib/postgresql:/bin/sh\n";

describe("postgres", needs(...TOOLS, "postgres"), () => {
  const sql = (statement: string) => {
    const tell = ["psql", "-h", "db", "-U", "postgres", "-Atc", statement];
    return ask("clerk", "pg_isready -h db", ...tell);
  };

  const begin = () => {
    const volume = ["-v", "files:/var/lib/postgresql/data"];
    md.ok("run", "-d", "--name", "archive", "--network", "office", "--network-alias", "db", ...volume, "postgres");
  };

  beforeAll(() => {
    const { bin, lib, share } = postgresFolders();
    const programs = ["initdb", "postgres", "psql", "pg_isready"].map((name) => `${bin}/${name}`);
    const modules = ["dict_snowball.so", "plpgsql.so"].map((name) => `${lib}/${name}`);
    const lines = [
      `ENV PATH=${bin}:/bin:/usr/bin:/sbin:/usr/sbin PGDATA=/var/lib/postgresql/data`,
      "RUN mv /passwd /etc/passwd && mkdir -p $PGDATA && chown -R postgres /var/lib/postgresql",
      "USER postgres",
      "RUN initdb --auth=trust --no-sync && echo 'host all all all trust' >> $PGDATA/pg_hba.conf",
      'CMD ["postgres", "-h", "*", "-k", "/tmp"]',
    ];
    buildPrograms(md, "postgres", { programs, paths: [...modules, share], files: { passwd: PASSWD }, lines });
    md.ok("network", "create", "office");
    begin();
    md.ok("run", "-d", "--name", "clerk", "--network", "office", "postgres", "sleep", "600");
  });
  afterAll(() => {
    md.ok("rm", "-f", "archive", "clerk");
    md.ok("network", "rm", "office");
    md.ok("volume", "rm", "files");
  });

  test("has what the image has put in its volume, and what is told it over the network", () => {
    sql("create table letters (id serial primary key, text text)");
    sql("insert into letters (text) select 'letter ' || n from generate_series(1, 5000) n");
    expect(sql("select count(*), max(text) from letters")).toBe("5000|letter 999");
  });

  test("has all of it that was said to be kept when it was killed, and goes on", () => {
    killAll(md, "archive");
    md.ok("start", "archive");
    expect(sql("select count(*) from letters")).toBe("5000");
    expect(sql("insert into letters (text) values ('more') returning id > 5000")).toMatch(/^t\n/);
    expect(md.call("logs", "archive").stderr).toContain("database system was not properly shut down");
    md.ok("rm", "-f", "archive");
    begin();
    expect(sql("select count(*), max(text) from letters")).toBe("5001|more");
  });
});
