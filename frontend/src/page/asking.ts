// A question before a hard step: data-confirm="title", data-confirm-text, data-confirm-yes on a submit button, a form, a link or an htmx element.

const agreed = new WeakSet<Element>();

function ask(element: HTMLElement): Promise<boolean> {
  const dialog = document.querySelector<HTMLDialogElement>("#pv-ask");
  const title = element.dataset["confirm"] ?? "";
  if (!dialog) return Promise.resolve(window.confirm(title));
  const [heading, text, yes] = [dialog.querySelector("h2"), dialog.querySelector("p"), dialog.querySelector<HTMLElement>("[data-ask-yes]")];
  if (!heading || !text || !yes) return Promise.resolve(false);
  heading.textContent = title;
  text.textContent = element.dataset["confirmText"] ?? "";
  yes.dataset["before"] ??= yes.textContent ?? "";
  yes.textContent = element.dataset["confirmYes"] ?? yes.dataset["before"];
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

async function askThen(element: HTMLElement, event: Event, go: () => void): Promise<void> {
  if (agreed.has(element)) {
    agreed.delete(element);
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!(await ask(element))) return;
  agreed.add(element);
  go();
}

export function askBefore(): void {
  document.addEventListener("click", (event) => {
    const element = (event.target as Element).closest<HTMLElement>("[data-confirm]:not(form)");
    if (element) void askThen(element, event, () => element.click());
  }, { capture: true });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const submitter = event.submitter as HTMLElement | null;
    if (form.matches("[data-confirm]")) void askThen(form, event, () => form.requestSubmit(submitter));
  }, { capture: true });
}
