import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { listTags, searchImages } from "../../src/11-registry/index.ts";
import { HASTE } from "./pulling.ts";

const OPTIONS = { ...HASTE, settings: { mirrors: {}, insecure: [] } };

interface Page {
  json: object;
  link?: string;
}

/** Answers these addresses, and no others. */
async function serve(pages: Record<string, Page>): Promise<{ host: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer(({ url = "" }, response) => {
    asked.push(url);
    const page = url === "/v2/" ? { json: {} } : pages[url];
    if (!page) return response.writeHead(404).end();
    return response.writeHead(200, page.link === undefined ? {} : { Link: page.link }).end(JSON.stringify(page.json));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe("listTags", () => {
  const [first, second] = ["/v2/team/app/tags/list", "/v2/team/app/tags/list?last=b&n=2"];

  test.each([`<${second}>; rel="next"`, `<http://HOST${second}>; rel=next`])("follows %s", async (link) => {
    const pages = { [first]: { json: { tags: ["a", "b"] }, link }, [second]: { json: { tags: ["c"] } } };
    const { host } = await serve(pages);
    pages[first]!.link = link.replace("HOST", host);
    expect(await listTags({ domain: host, path: "team/app" }, OPTIONS)).toEqual(["a", "b", "c"]);
  });

  test("follows nobody to another host, and takes half a list for none", async () => {
    const { host: elsewhere, asked } = await serve({ "/v2/x": { json: { tags: ["b"] } } });
    const link = `<http://${elsewhere}/v2/x>; rel="next"`;
    const { host } = await serve({ [first]: { json: { tags: ["a"] }, link } });
    const refused = `${host} has the rest of its list elsewhere, at ${elsewhere}: that is not followed`;
    await expect(listTags({ domain: host, path: "team/app" }, OPTIONS)).rejects.toThrow(refused);
    expect(asked).toEqual([]);
  });

  test("takes no list for an empty one", async () => {
    const { host } = await serve({ [first]: { json: { tags: null } } });
    expect(await listTags({ domain: host, path: "team/app" }, OPTIONS)).toEqual([]);
  });

  test("says so where the list never ends, and where there is none", async () => {
    const { host } = await serve({ [first]: { json: { tags: ["a"] }, link: `<${first}>; rel="next"` } });
    await expect(listTags({ domain: host, path: "team/app" }, OPTIONS)).rejects.toThrow("does not end");
    await expect(listTags({ domain: host, path: "nosuch" }, OPTIONS)).rejects.toThrow(`${host}/nosuch not found`);
  });
});

describe("searchImages", () => {
  test("asks as Docker Hub is asked, where that is understood", async () => {
    const results = [{ name: "team/app", description: "An app", star_count: 7, is_official: true }, { name: 5 }];
    const { host } = await serve({ "/v1/search?q=app&n=3": { json: { results } } });
    expect(await searchImages(`${host}/app`, { ...OPTIONS, limit: 3 })).toEqual([
      { name: "team/app", description: "An app", stars: 7, isOfficial: true },
    ]);
  });

  test("looks through all that a registry has, where it isn't", async () => {
    const next = "/v2/_catalog?last=b";
    const { host, asked } = await serve({
      "/v2/_catalog": { json: { repositories: ["a/app", "b"] }, link: `<${next}>; rel="next"` },
      [next]: { json: { repositories: ["c/apple", "d/app"] } },
    });
    const found = await searchImages(`${host}/app`, { ...OPTIONS, limit: 2 });
    expect(found.map(({ name }) => name)).toEqual(["a/app", "c/apple"]);
    expect(asked).toContain(next);
  });
});
