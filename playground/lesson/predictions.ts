// Questions that are answered before one looks: the reader commits to a choice, and only then is told.

/** For every question below `root`. */
export function listenForAnswers(root: HTMLElement): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form.predict")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer(form);
    });
  }
}

function answer(form: HTMLFormElement): void {
  const inputs = [...form.querySelectorAll<HTMLInputElement>("input")];
  const why = form.querySelector<HTMLElement>(".why");
  if (!why || !inputs.some(({ checked }) => checked)) return;
  const isRight = inputs.every(({ checked, dataset }) => checked === (dataset.right === "true"));
  const verdict = document.createElement("strong");
  verdict.textContent = (isRight ? why.dataset.right : why.dataset.wrong) ?? "";
  why.prepend(verdict);
  why.hidden = false;
  form.dataset.answered = isRight ? "right" : "wrong";
  for (const input of inputs) {
    input.disabled = true;
    const label = input.closest("label");
    if (label && input.dataset.right === "true") label.dataset.sign = "+";
    if (label && input.checked && input.dataset.right !== "true") label.dataset.sign = "−";
  }
  form.querySelector("button")?.remove();
}
