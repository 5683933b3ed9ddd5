// The console's script: htmx and the small habits of every page. Each works on elements by data attributes; pages stay usable without it.
import { askBefore } from "./page/asking";
import { loadCharts } from "./page/chartloading";
import { commandBox } from "./page/command";
import { copying } from "./page/copying";
import { fileNames } from "./page/files";
import { formHabits } from "./page/forms";
import { menus } from "./page/menus";
import { requests } from "./page/requests";
import { rowKeys } from "./page/rows";
import { scrolling } from "./page/scrolling";
import { themes } from "./page/themes";
import { unfolding } from "./page/unfolding";

const NEEDS_SCRIPT = "[data-command-open],[data-themes],[data-close],[data-copy],[data-chart-save],[data-chart-table]";

function reveal(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>(NEEDS_SCRIPT)) element.hidden = false;
  for (const element of root.querySelectorAll<HTMLElement>("[data-without-script]")) element.hidden = true;
}

function start(): void {
  reveal(document);
  themes();
  menus();
  copying();
  formHabits();
  fileNames();
  askBefore();
  commandBox();
  unfolding();
  scrolling();
  rowKeys();
  loadCharts();
}

requests((root) => {
  reveal(root);
  loadCharts();
});
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
