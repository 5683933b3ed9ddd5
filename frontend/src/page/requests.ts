// htmx: forms with errors are shown again, a failure says what happened and keeps what was typed.
import htmx from "htmx.org";
import { clearFailure, showFailure, word } from "./words";

interface Detail {
  elt: HTMLElement;
  xhr?: XMLHttpRequest;
  shouldSwap?: boolean;
  isError?: boolean;
  successful?: boolean;
}

const detailOf = (event: Event): Detail => (event as CustomEvent<Detail>).detail;

function again(element: HTMLElement): () => void {
  return () => {
    if (element instanceof HTMLFormElement) element.requestSubmit();
    else element.click();
  };
}

function textFor(status: number): string {
  if (status === 401 || status === 403) return word("denied");
  return word("server");
}

/** Start htmx's habits; `onNew` is called with every part of the page that htmx puts in. */
export function requests(onNew: (root: ParentNode) => void): void {
  (window as unknown as { htmx: typeof htmx }).htmx = htmx;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const detail = detailOf(event);
    if (detail.xhr?.status === 422) Object.assign(detail, { shouldSwap: true, isError: false });
  });
  document.addEventListener("htmx:responseError", (event) => {
    const detail = detailOf(event);
    showFailure(textFor(detail.xhr?.status ?? 0), again(detail.elt));
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => showFailure(word("offline"), again(detailOf(event).elt)));
  }
  document.addEventListener("htmx:afterRequest", (event) => {
    if (detailOf(event).successful) clearFailure();
  });
  document.addEventListener("htmx:load", (event) => onNew(detailOf(event).elt));
}
