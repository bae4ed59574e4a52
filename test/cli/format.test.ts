import { expect, test } from "vitest";
import { formatList, type Row } from "../../src/cli/show/format.ts";

const rows: Row[] = [
  { ID: "cd17446a2992", Names: "ref", Image: "bb", Label: (name: string) => `<${name}>` },
  { ID: "0123456789ab", Names: "中文名字", Image: "a-long-image-name", Label: () => "" },
];
const headings = { ID: "CONTAINER ID", Names: "NAMES", Image: "IMAGE" };
const standard = "table {{.ID}}\t{{.Image}}\t{{.Names}}";

const list = (format?: string, more = {}) => formatList({ format, standard, headings, rows, ...more });

test("the command's own table, also when asked for by name", () => {
  const expected = [
    "CONTAINER ID   IMAGE               NAMES",
    "cd17446a2992   bb                  ref",
    "0123456789ab   a-long-image-name   中文名字",
    "",
  ].join("\n");
  expect(list()).toBe(expected);
  expect(list("table")).toBe(expected);
});

test("a table of one's own: headings stay whole, whatever is done to the values", () => {
  expect(list('table {{truncate .ID 4}}\\t{{.Names}}\t{{upper .Image}} {{.Label "com.my_x"}}')).toBe(
    [
      "CONTAINER ID   NAMES      IMAGE my x",
      "cd17           ref        BB <com.my_x>",
      "0123           中文名字   A-LONG-IMAGE-NAME ",
      "",
    ].join("\n"),
  );
});

test("an empty list has headings only, and nothing at all in other formats", () => {
  expect(list(undefined, { rows: [] })).toBe("CONTAINER ID   IMAGE     NAMES\n");
  expect(list("{{.ID}}", { rows: [] })).toBe("");
});

test("json: one object a line", () => {
  expect(list("json", { rows: [{ ID: "a", Label: () => "" }, { ID: "b" }] })).toBe('{"ID":"a"}\n{"ID":"b"}\n');
});

test("any template, a line each; \\t and \\n are what people mean by them", () => {
  expect(list("{{.ID}}\\t{{.Names}}")).toBe("cd17446a2992\tref\n0123456789ab\t中文名字\n");
});

test("-q wins over any format", () => {
  expect(list("table {{.Names}}", { quiet: "ID" })).toBe("cd17446a2992\n0123456789ab\n");
});

test("a field nobody has is refused", () => {
  expect(() => list("{{.Nope}}")).toThrow('template parsing error: template: :1:2: executing "" at <.Nope>');
});
