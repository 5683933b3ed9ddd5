// The words scripts say, written by the server into the page (parts/dialogs.html), and the failed part they are shown in.

const template = (): HTMLTemplateElement | null => document.querySelector("#pv-failed-part");

/** A text by its name on the template; empty where the page brought none. */
export function word(name: string): string {
  return template()?.dataset[name] ?? "";
}

/** Show what failed in the place for messages; a second failure replaces the first. */
export function showFailure(text: string, again?: () => void): void {
  const place = document.querySelector("#messages");
  const part = template()?.content.firstElementChild?.cloneNode(true);
  if (!place || !(part instanceof HTMLElement)) return;
  place.querySelector("[data-script-failure]")?.remove();
  part.dataset["scriptFailure"] = "";
  const paragraph = part.querySelector("p");
  if (paragraph) paragraph.textContent = text;
  const button = part.querySelector<HTMLButtonElement>("[data-again]");
  if (again && button) {
    button.addEventListener("click", () => {
      part.remove();
      again();
    });
  } else button?.remove();
  place.prepend(part);
  part.scrollIntoView({ block: "nearest" });
}

/** Take a failure away once something worked again. */
export function clearFailure(): void {
  document.querySelector("[data-script-failure]")?.remove();
}
