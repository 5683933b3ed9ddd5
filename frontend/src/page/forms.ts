// Forms: filters send themselves (data-autosubmit), long ones warn before they are left (data-guard), none is sent twice, one that was refused
// begins at what was refused.
import { word } from "./words";

const changed = new WeakSet<HTMLFormElement>();

function anyUnsaved(): boolean {
  return [...document.querySelectorAll<HTMLFormElement>("form[data-guard]")].some((form) => changed.has(form));
}

function sendOnce(form: HTMLFormElement, event: Event): void {
  if (form.dataset["sent"] !== undefined) {
    event.preventDefault();
    return;
  }
  form.dataset["sent"] = "";
  setTimeout(() => delete form.dataset["sent"], 4000);
}

/** The field that was refused may stand far below what the page opens with. */
function beginAtRefused(): void {
  document.querySelector<HTMLElement>('main [aria-invalid="true"]')?.focus();
}

export function formHabits(): void {
  beginAtRefused();
  document.addEventListener("change", (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-autosubmit]");
    if (form) form.requestSubmit();
  });
  document.addEventListener("input", (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-guard]");
    if (form) changed.add(form);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || (event as SubmitEvent).submitter?.hasAttribute("formtarget")) return; // only shown elsewhere
    changed.delete(form);
    if (form.method === "post" && !form.matches("[hx-post],[hx-put],[hx-delete],[data-hx-post]")) sendOnce(form, event);
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) delete form.dataset["sent"];
  });
  window.addEventListener("beforeunload", (event) => {
    if (anyUnsaved() && word("unsaved")) event.preventDefault();
  });
}
