// Buttons with data-copy="text" put the text on the clipboard, also on an address without https.
import { word } from "./words";

function copyByHand(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "pv-hide";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByHand(text);
  }
}

export function copying(): void {
  document.addEventListener("click", async (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    if (!button || !(await copy(button.dataset["copy"] ?? ""))) return;
    const label = button.querySelector("span") ?? button;
    const before = label.textContent ?? "";
    if (button.classList.contains("copied")) return;
    button.classList.add("copied");
    label.textContent = word("copied");
    setTimeout(() => {
      button.classList.remove("copied");
      label.textContent = before;
    }, 1600);
  });
}
