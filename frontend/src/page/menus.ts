// Menus made of <details> close by a click elsewhere and by Escape; messages close by their button.

function closeOthers(keep: Element | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.pv-menu[open]")) {
    if (!keep || !menu.contains(keep)) menu.open = false;
  }
}

export function menus(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    closeOthers(target);
    if (target.closest("[data-close]")) target.closest(".pv-message")?.remove();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector<HTMLDetailsElement>("details.pv-menu[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary")?.focus();
  });
}
