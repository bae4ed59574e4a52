// What is expected here is what `docker inspect --format` printed for the same template and the same data.

import { describe, expect, test } from "vitest";
import { UserError } from "../../src/01-syscalls/index.ts";
import { compileTemplate, mapOf } from "../../src/cli/show/template.ts";

const data = {
  Id: "cd17446a2992",
  Name: "/ref",
  State: { Status: "running", Running: true, Paused: false, Pid: 27285 },
  Config: { Env: ["FOO=bar", "PATH=/bin"], Cmd: null, Labels: mapOf({ "com.x": "1", b: "2" }) },
  Label: (name: string) => `label ${name}`,
  get Costly() {
    return "looked up";
  },
};

const fill = (template: string) => compileTemplate(template)(data);

test.each([
  ["{{.Name}} {{.State.Pid}} {{.State.Running}}", "/ref 27285 true"],
  ["{{json .Config.Env}} {{json .State.Pid}} {{json .Config.Cmd}}", '["FOO=bar","PATH=/bin"] 27285 null'],
  ["{{.Config.Env}} {{.State}}", "[FOO=bar PATH=/bin] {running true false 27285}"],
  ["{{range .Config.Env}}{{.}},{{end}}", "FOO=bar,PATH=/bin,"],
  ["{{range $i, $e := .Config.Env}}{{if $i}}, {{end}}{{$i}}={{$e}}{{else}}none{{end}}", "0=FOO=bar, 1=PATH=/bin"],
  ["{{range $k, $v := .Config.Labels}}{{$k}}={{$v}} {{end}}", "b=2 com.x=1 "],
  ["{{range .Config.Cmd}}x{{else}}none{{end}}", "none"],
  ["{{if not .State.Running}}no{{else if .State.Paused}}paused{{else}}yes{{end}}", "yes"],
  ["{{if .State.Running}}{{if .State.Paused}}p{{else}}np{{end}}{{end}}", "np"],
  ["{{with .State}}{{.Status}} {{$.Name}}{{else}}none{{end}}", "running /ref"],
  ["{{with $x := .State}}{{$x.Status}}{{end}}", "running"],
  ["{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2"],
  ["{{$x := 1}}{{if true}}{{$x := 2}}{{end}}{{$x}}", "1"],
  ['{{index .Config.Env 0}} {{(index .Config.Env 1)}} {{index .Config.Labels "com.x"}}', "FOO=bar PATH=/bin 1"],
  ["{{len .Config.Env}} {{len .Name}} {{.Id | len}} {{len .Config.Labels}}", "2 4 12 2"],
  [
    '{{join .Config.Env ";"}} {{split "a,b" ","}} {{upper .Name}} {{lower "AB"}} {{title "abc def"}}',
    "FOO=bar;PATH=/bin [a b] /REF ab Abc Def",
  ],
  ['{{truncate .Id 5}} {{pad "x" 2 3}}|{{pad "" 2 3}}|', "cd174   x   ||"],
  ['{{println "x" 1}}{{print 1 2 "x" 3}}', "x 1\n1 2x3"],
  [
    '{{printf "%s|%5d|%-5s|%q|%v|%05d|%.2f|%t|%x|%%" .Name 3 "ab" "x" .Config.Env 7 1.5 true 255}}',
    '/ref|    3|ab   |"x"|[FOO=bar PATH=/bin]|00007|1.50|true|ff|%',
  ],
  ['{{printf "%d" "x"}} {{printf "%s"}} {{printf "a" 1}}', "%!d(string=x) %!s(MISSING) a%!(EXTRA int=1)"],
  ['{{"a" | printf "%s-%s" "b"}}', "b-a"],
  [
    '{{eq .Name "x" "/ref"}} {{ne 1 2}} {{lt 1 2}} {{ge 1 2}} {{and 1 0}} {{or 0 "x"}} {{and 1 "y"}}',
    "true true true false 0 x y",
  ],
  ["{{or true (index .Config.Env 99)}}", "true"],
  ['{{slice .Id 0 3}} {{html "<a>"}}', "cd1 &lt;a&gt;"],
  ['a {{- "b" -}} c {{- /* nothing */ -}} d', "abcd"],
  ['{{`raw\\n`}} {{"\\x41\\t\\u00e9"}}', "raw\\n A\té"],
  ["{{.Config.Labels.nope}} {{.Config.Cmd}}", "<no value> <nil>"],
  ['{{.Label "x"}} {{.Costly}}', "label x looked up"],
  ["no action at all", "no action at all"],
])("%s", (template, expected) => {
  expect(fill(template)).toBe(expected);
});

describe("refusals, as Docker passes them on from Go", () => {
  test.each([
    ["{{.Nope}}", ':1:2: executing "" at <.Nope>: map has no entry for key "Nope"'],
    ["{{.State.Nope}}", ':1:8: executing "" at <.State.Nope>: map has no entry for key "Nope"'],
    ["a\n {{.Nope}}", ':2:3: executing "" at <.Nope>: map has no entry for key "Nope"'],
    ["{{.toString}}", ':1:2: executing "" at <.toString>: map has no entry for key "toString"'],
    ["{{.Config.Env.Foo}}", ':1:9: executing "" at <.Config.Env.Foo>: can\'t evaluate field Foo'],
    [
      "{{index .Config.Env 99}}",
      ':1:2: executing "" at <index .Config.Env 99>: error calling index: index out of range: 99',
    ],
    ['{{eq 1 "a"}}', ':1:2: executing "" at <eq 1 "a">: error calling eq: incompatible types for comparison'],
    ["{{len 5}}", ':1:2: executing "" at <len 5>: error calling len: len of type int'],
    ["{{.ID", ":1: unclosed action"],
    ['{{"x}}', ":1: unterminated quoted string"],
    ["\n{{foo .ID}}", ':2: function "foo" not defined'],
    ["{{if}}x{{end}}", ":1: missing value for if"],
    ["{{}}", ":1: missing value for command"],
    ["{{.Id}} {{end}}", ":1: unexpected {{end}}"],
    ["{{else}}", ":1: unexpected {{else}}"],
    ["{{if .Id}}x", ":1: unexpected EOF"],
    ["{{if .Id}}x{{else}}y", ":1: unexpected EOF"],
    ["{{$y}}", ':1: undefined variable "$y"'],
    ["{{if $x := 1}}{{end}}{{$x}}", ':1: undefined variable "$x"'],
    ["{{(.Id}}", ":1: unclosed left paren"],
  ])("%j", (template, message) => {
    expect(() => fill(template)).toThrow(`template parsing error: template: ${message}`);
  });

  test("they are the user's mistake, with Docker's exit code", () => {
    expect(() => fill("{{.Nope}}")).toThrow(expect.objectContaining({ exitCode: 1 }));
    expect(() => fill("{{")).toThrow(UserError);
  });
});
