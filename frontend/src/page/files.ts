// A file field says what was chosen in the reader's own words: the browser would say it in its language.

function names(input: HTMLInputElement): string {
  return [...(input.files ?? [])].map((file) => file.name).join(", ");
}

export function fileNames(): void {
  document.addEventListener("change", (event) => {
    const input = event.target as HTMLInputElement;
    const name = input.closest("[data-file]")?.querySelector<HTMLElement>(".name");
    if (!name || input.type !== "file") return;
    name.dataset["none"] ??= name.textContent ?? "";
    name.textContent = names(input) || name.dataset["none"];
  });
}
