// Console blocks that run where they stand: a button for each command, and one for all of a block. What the reader is to
// type outside of the lab has none, since the terminal is inside.

export interface RunWords {
  run: string;
  runBlock: string;
  runOne(command: string): string;
}

export function addRunButtons(root: HTMLElement, words: RunWords, onRun: (commands: string[]) => void): void {
  for (const block of root.querySelectorAll<HTMLElement>('.console[data-where="lab"]')) {
    const lines = [...block.querySelectorAll<HTMLElement>("[data-command]")];
    const commands = lines.map(({ dataset }) => dataset.command ?? "");
    lines.forEach((line, index) => {
      const command = commands[index]!;
      line.after(button("▸", words.runOne(command), () => onRun([command])));
    });
    if (commands.length > 1) {
      const all = button(`${words.run} ▸`, words.runBlock, () => onRun(commands));
      all.classList.add("all");
      block.append(all);
    }
  }
}

function button(text: string, label: string, onClick: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "run";
  made.textContent = text;
  made.title = label;
  made.setAttribute("aria-label", label);
  made.addEventListener("click", onClick);
  return made;
}
