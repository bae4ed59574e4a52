// Same kernel, different answers: the same questions, asked of the host and of two containers. A row whose answers differ
// says which call has made them so; the last row is one cell, because there is one kernel.

import { type Answer, QUESTIONS, type Question, type World } from "../../src/course/playground/messages.ts";
import { connection, type Known } from "../connection.ts";
import { useWords } from "../settings.ts";
import type { Columns } from "./xray-pane.tsx";

const TONES = ["host", "one", "other"];

export function AnswersView({ known, columns }: { known: Known; columns: Columns }) {
  const words = useWords();
  const ids = ["host", ...columns.ids];
  const asked = ids.map((id) => known.answers[id]);
  if (columns.ids.length === 0 || !asked[0]) return <Nobody known={known} />;
  return (
    <table class="answers">
      <caption>{words.sameKernel}</caption>
      <thead>
        <tr>
          <th scope="col">{words.question}</th>
          <th scope="col" data-tone="host">
            {words.host}
          </th>
          {columns.ids.map((id, index) => (
            <th scope="col" key={TONES[index + 1]} data-tone={TONES[index + 1]}>
              <WorldChoice known={known} id={id} onChoose={(chosen) => columns.choose(index, chosen)} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {QUESTIONS.map((question) => (
          <Row key={question} question={question} answers={asked.map((answers) => answers?.[question])}>
            {question === "pid" && <HostPids worlds={worldsOf(known, columns.ids)} />}
          </Row>
        ))}
      </tbody>
    </table>
  );
}

function worldsOf({ worlds }: Known, ids: string[]): World[] {
  return ids.flatMap((id) => worlds.find((world) => world.id === id) ?? []);
}

interface RowProps {
  question: Question;
  answers: (Answer | undefined)[];
  /** Stands in the host's cell in place of an answer. */
  children?: preact.ComponentChildren;
}

function Row({ question, answers, children }: RowProps) {
  const words = useWords();
  const [host] = answers;
  // Who is called 0 in two places is still not the same.
  const isSame = answers.every((answer) => !answer || isLike(answer, host));
  const made = [...new Set(answers.flatMap((answer) => answer?.made ?? []))];
  return (
    <tr class={isSame ? "same" : "differs"}>
      <th scope="row">
        <span class="sign" aria-hidden="true">
          {isSame ? "=" : "≠"}
        </span>
        <span>
          {words.questions[question]}
          <span class="hidden"> ({isSame ? words.same : words.differs})</span>
          {!isSame && made.length > 0 && (
            <span class="made">
              <span class="hidden">{words.madeBy} </span>
              {made.map((calls) => (
                <Made key={calls} calls={calls} />
              ))}
            </span>
          )}
        </span>
      </th>
      {question === "kernel" && isSame ? (
        <td colSpan={answers.length} class="kernel">
          <code>{host?.says}</code> <small>{words.oneKernel}</small>
        </td>
      ) : (
        answers.map((answer, index) => (
          <td key={TONES[index]} data-tone={isLike(answer, host) ? undefined : TONES[index]}>
            {index === 0 && children ? children : <Cell answer={answer} host={host} />}
          </td>
        ))
      )}
    </tr>
  );
}

function isLike(answer: Answer | undefined, host: Answer | undefined): boolean {
  return answer?.says === host?.says && !answer?.made;
}

/** `clone3(CLONE_NEWPID)` is broken behind the bracket, where it has to be. */
function Made({ calls }: { calls: string }) {
  const [name, ...rest] = calls.split(/(?<=\()/);
  return (
    <code>
      {name}
      <wbr />
      {rest.join("")}
    </code>
  );
}

/** Two lists of mounts may be equally long, and are two all the same. */
function Cell({ answer, host }: { answer: Answer | undefined; host: Answer | undefined }) {
  const words = useWords();
  if (!answer) return <span class="faint">…</span>;
  const { says, outside, made } = answer;
  const note = outside !== undefined ? words.outside(outside) : made && says === host?.says && words.itsOwn;
  return (
    <>
      <code>{says || "–"}</code>
      {note && <small>{note}</small>}
    </>
  );
}

/** One process, two numbers: here is the other one. */
function HostPids({ worlds }: { worlds: World[] }) {
  const words = useWords();
  return (
    <>
      {worlds.map(({ id, pid, name }, index) => (
        <span key={id} class="pid" data-tone={TONES[index + 1]}>
          <code>{pid}</code>
          <small>{words.onePid("", name).trim()}</small>
        </span>
      ))}
    </>
  );
}

interface WorldChoiceProps {
  known: Known;
  id: string;
  onChoose(id: string): void;
}

export function WorldChoice({ known, id, onChoose }: WorldChoiceProps) {
  const words = useWords();
  return (
    <select value={id} aria-label={words.column} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
      {known.worlds.map((world) => (
        <option key={world.id} value={world.id}>
          {world.name}
        </option>
      ))}
    </select>
  );
}

export function Nobody({ known }: { known: Known }) {
  const words = useWords();
  if (known.pair === "beginning") return <p class="empty">{words.beginning}</p>;
  return (
    <div class="empty">
      <p>{known.problem ?? words.noContainers}</p>
      <button type="button" class="main" onClick={() => connection.say({ beginPair: true })}>
        {words.beginPair}
      </button>
    </div>
  );
}
