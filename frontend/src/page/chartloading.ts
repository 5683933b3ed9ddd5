// Charts come with their own script, loaded once, only on pages that have one.

let loading = false;

export function loadCharts(): void {
  if (!document.querySelector("[data-chart]")) return;
  if (loading) {
    document.dispatchEvent(new CustomEvent("peyvand:charts"));
    return;
  }
  const url = document.body.dataset["chartsUrl"];
  if (!url) return;
  loading = true;
  const script = document.createElement("script");
  script.src = url;
  script.nonce = document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce ?? "";
  document.head.append(script);
}
