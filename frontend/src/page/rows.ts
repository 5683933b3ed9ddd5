// Lists of things to do by keyboard: j and k go from line to line, Enter opens (it is a link already).

const TYPING = "input, textarea, select, [contenteditable]";

export function nextRow(rows: HTMLElement[], at: Element | null, step: 1 | -1): HTMLElement | undefined {
  const here = rows.findIndex((row) => row === at);
  if (here >= 0) return rows[Math.min(Math.max(here + step, 0), rows.length - 1)];
  const selected = rows.findIndex((row) => row.closest('[aria-selected="true"]'));
  return rows[Math.max(selected, 0)];
}

export function rowKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.target as Element).matches(TYPING)) return;
    if (event.code !== "KeyJ" && event.code !== "KeyK") return; // by place, so that a Persian keyboard has them too
    const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")].filter((row) => row.offsetParent !== null);
    const row = nextRow(rows, document.activeElement, event.code === "KeyJ" ? 1 : -1);
    if (!row) return;
    event.preventDefault();
    row.focus();
  });
}
