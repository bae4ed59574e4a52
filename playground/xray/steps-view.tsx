// The stepper: a run that happens now and stands still before each call, or one that was recorded.

import { useState } from "preact/hooks";
import { connection, type Known } from "../connection.ts";
import { useWords } from "../settings.ts";
import { readRecording } from "../steps/recording.ts";
import { type WalkedRun, Walker } from "../steps/walker.tsx";
import { useWhy } from "../steps/why.ts";

export function StepsView({ known: { run } }: { known: Known }) {
  const words = useWords();
  const why = useWhy();
  const [recording, setRecording] = useState<WalkedRun>();
  if (recording) {
    return (
      <Walker id="recorded" run={recording}>
        <button type="button" class="quiet" onClick={() => setRecording(undefined)}>
          {words.closeRun}
        </button>
      </Walker>
    );
  }
  if (!run) return <Choice onRecording={setRecording} />;
  const isOver = run.outcome !== undefined;
  const next = () => connection.say({ step: "next" });
  return (
    <>
      {run.next && !isOver && (
        <p class="waits">
          {words.waitsFor} <code>{run.next.call}</code> <small>{why(run.next.why)}</small>
        </p>
      )}
      <Walker id="live" run={run} onNext={isOver ? undefined : next}>
        {!isOver && (
          <button type="button" class="quiet" onClick={() => connection.say({ step: "rest" })}>
            {words.rest}
          </button>
        )}
        <Choice onRecording={setRecording} />
      </Walker>
    </>
  );
}

/** What is walked through: a command line of `run`, or a file. */
function Choice({ onRecording }: { onRecording(run: WalkedRun): void }) {
  const words = useWords();
  const [line, setLine] = useState("--rm --hostname demo -m 64m base sleep 60");
  const [isWrong, setWrong] = useState(false);
  const begin = (event: Event) => {
    event.preventDefault();
    connection.say({ stepRun: line.split(/\s+/).filter((word) => word !== "") });
  };
  const open = async (file: File | undefined) => {
    const run = file && readRecording(await file.text());
    setWrong(file !== undefined && run === undefined);
    if (run) onRecording(run);
  };
  return (
    <form class="choice" onSubmit={begin}>
      <p>{words.noRun}</p>
      <label>
        <code>mini-docker {words.runCommand}</code>
        <input
          type="text"
          value={line}
          spellcheck={false}
          onInput={({ currentTarget }) => setLine(currentTarget.value)}
        />
      </label>
      <div class="controls">
        <button type="submit" class="main">
          {words.runLive}
        </button>
        <label class="file">
          {words.openRecording}
          <input type="file" accept=".json" onChange={({ currentTarget }) => open(currentTarget.files?.[0])} />
        </label>
      </div>
      {isWrong && <p role="alert">{words.badRecording}</p>}
    </form>
  );
}
