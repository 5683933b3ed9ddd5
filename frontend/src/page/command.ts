// The command box: Ctrl/⌘ K finds a customer, conversation, survey, setting or action; with nothing typed it lists the places.
// Answers come from data-find-url as JSON: [{group, label, detail, url, icon}].

interface Found {
  group: string;
  label: string;
  detail?: string;
  url: string;
  icon?: string;
}

const PAUSE = 160;

class CommandBox {
  private readonly input: HTMLInputElement;
  private readonly list: HTMLElement;
  private readonly status: HTMLElement;
  private timer = 0;
  private asked = 0;

  constructor(private readonly dialog: HTMLDialogElement) {
    this.input = dialog.querySelector("input") as HTMLInputElement;
    this.list = dialog.querySelector(".pv-command-list") as HTMLElement;
    this.status = dialog.querySelector(".pv-command-status") as HTMLElement;
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("mousemove", (event) => {
      const row = (event.target as Element).closest<HTMLElement>("[role=option]");
      if (row) this.select(row);
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
  }

  open(): void {
    if (this.dialog.open) return;
    this.input.value = "";
    this.show(this.places(""));
    this.dialog.showModal();
    this.input.focus();
  }

  private places(query: string): Found[] {
    const group = this.dialog.dataset["places"] ?? "";
    const seen = new Map<string, Found>();
    for (const link of document.querySelectorAll<HTMLAnchorElement>(".pv-rail [data-place]")) {
      const label = link.querySelector("span")?.textContent?.trim() ?? "";
      seen.set(link.href, { group, label, url: link.href, icon: link.dataset["place"] ?? "" });
    }
    return [...seen.values()].filter((place) => place.label.toLowerCase().includes(query.toLowerCase()));
  }

  private typed(): void {
    clearTimeout(this.timer);
    const query = this.input.value.trim();
    const places = this.places(query);
    if (!query) {
      this.asked += 1;
      this.show(places);
      return;
    }
    this.timer = window.setTimeout(() => void this.ask(query, places), PAUSE);
  }

  private async ask(query: string, places: Found[]): Promise<void> {
    const mine = ++this.asked;
    let found: Found[] = [];
    let failed = false;
    try {
      const address = new URL(this.dialog.dataset["findUrl"] ?? "", location.href);
      address.searchParams.set("q", query);
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      found = (await answer.json()) as Found[];
    } catch {
      failed = true;
    }
    if (mine !== this.asked) return;
    this.show([...found, ...places]);
    if (failed) this.status.textContent = this.dialog.dataset["failed"] ?? "";
    else if (found.length + places.length === 0) this.status.textContent = this.dialog.dataset["none"] ?? "";
  }

  private show(found: Found[]): void {
    this.status.textContent = "";
    this.list.replaceChildren();
    let group = "";
    found.forEach((one, index) => {
      if (one.group !== group) {
        group = one.group;
        const head = document.createElement("div");
        head.className = "pv-command-group";
        head.role = "presentation";
        head.textContent = group;
        this.list.append(head);
      }
      this.list.append(this.row(one, index));
    });
    this.select(this.rows()[0]);
  }

  private row(one: Found, index: number): HTMLAnchorElement {
    const row = document.createElement("a");
    row.className = "pv-command-row";
    row.id = `pv-found-${index}`;
    row.role = "option";
    row.tabIndex = -1;
    row.href = one.url;
    const icon = one.icon ? this.icon(one.icon) : null;
    if (icon) row.append(icon);
    const label = document.createElement("span");
    label.textContent = one.label;
    row.append(label);
    if (one.detail) {
      const detail = document.createElement("small");
      detail.textContent = one.detail;
      row.append(detail);
    }
    return row;
  }

  // The sprite's address is taken from an icon already on the page.
  private icon(name: string): SVGElement | null {
    const model = this.dialog.querySelector<SVGElement>("svg.pv-icon");
    const copy = model?.cloneNode(true) as SVGElement | undefined;
    const use = copy?.querySelector("use");
    const address = use?.getAttribute("href");
    if (!copy || !use || !address) return null;
    use.setAttribute("href", address.replace(/#.*$/, `#i-${name}`));
    return copy;
  }

  private rows(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>("[role=option]")];
  }

  private select(row: HTMLElement | undefined): void {
    for (const other of this.rows()) other.setAttribute("aria-selected", String(other === row));
    if (row) this.input.setAttribute("aria-activedescendant", row.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  private key(event: KeyboardEvent): void {
    const rows = this.rows();
    const at = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = rows[(at + (event.key === "ArrowDown" ? 1 : -1) + rows.length) % rows.length];
      this.select(next);
      next?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      rows[at]?.click();
    } else if (event.key === "Escape") {
      event.preventDefault(); // a search field would only empty itself
      this.dialog.close();
    }
  }
}

export function commandBox(): void {
  const dialog = document.querySelector<HTMLDialogElement>("#pv-command");
  if (!dialog) return;
  const box = new CommandBox(dialog);
  document.addEventListener("keydown", (event) => {
    if (event.code !== "KeyK" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    box.open();
  });
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-command-open]")) box.open();
  });
}
