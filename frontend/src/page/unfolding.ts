// A link to something inside a closed <details> opens it; where the browser does so by itself, nothing changes.

function unfold(): void {
  const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  const folded = target?.closest("details");
  if (!target || !folded) return;
  folded.open = true;
  target.scrollIntoView({ block: "center" });
}

export function unfolding(): void {
  unfold();
  window.addEventListener("hashchange", unfold);
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>('a[href^="#"]');
    if (link && link.hash === location.hash) unfold();
  });
}
