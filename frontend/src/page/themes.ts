// Light, dark or as the system: kept in a cookie of this device, so the server draws the next page right from the start.

const COOKIE = "peyvand_theme";
const YEAR = 31_536_000;

function current(): string {
  return document.documentElement.dataset["bsTheme"] ?? "auto";
}

function show(): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-theme-set]")) {
    button.setAttribute("aria-pressed", String(button.dataset["themeSet"] === current()));
  }
}

function choose(theme: string): void {
  if (theme === "light" || theme === "dark") document.documentElement.dataset["bsTheme"] = theme;
  else delete document.documentElement.dataset["bsTheme"];
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${theme}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
  show();
}

/** Buttons with data-theme-set change the theme at once. */
export function themes(): void {
  show();
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-theme-set]");
    if (button) choose(button.dataset["themeSet"] ?? "auto");
  });
}
