// A row of tabs that is wider than a phone begins where the current one is in sight.

export function scrolling(): void {
  for (const current of document.querySelectorAll<HTMLElement>("[data-scroll] > [aria-current]")) {
    const row = current.parentElement;
    if (!row) continue;
    const [seen, own] = [row.getBoundingClientRect(), current.getBoundingClientRect()];
    if (own.left < seen.left || own.right > seen.right) row.scrollLeft += own.left + own.width / 2 - (seen.left + seen.width / 2);
  }
}
