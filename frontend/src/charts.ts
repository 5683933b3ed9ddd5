// Draws every <figure data-chart="id"> from the JSON beside it; its table stays behind a button. Loaded by page/chartloading.ts.
import { BarChart, CustomChart, LineChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, MarkPointComponent, TitleComponent, TooltipComponent } from "echarts/components";
import { type ECharts, init, use } from "echarts/core";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";
import { barsHeight, barsOption } from "./charts/bars";
import { type Picture, save } from "./charts/saving";
import type { Colours, Size, Spec } from "./charts/spec";
import { tip } from "./charts/tip";
import { trendOption } from "./charts/trend";

use([LineChart, BarChart, CustomChart, GridComponent, TooltipComponent, MarkLineComponent, MarkPointComponent, TitleComponent, SVGRenderer, CanvasRenderer]);

const FONTS = new URL("fonts/Vazirmatn-survey.woff2", (document.currentScript as HTMLScriptElement | null)?.src ?? location.href).href;

// light-dark() is resolved by the browser: ask it through a colour of a real element.
function coloursOf(place: HTMLElement): Colours {
  const probe = document.createElement("i");
  place.append(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(--pv-${name})`;
    return getComputedStyle(probe).color;
  };
  const series = [1, 2, 3, 4, 5].map((index) => colour(`s${index}`));
  const faint = (text: string) => text.replace(/^rgb\((.*)\)$/, "rgba($1, 0.15)");
  const bands = series.map((text, index) => (index < 2 ? colour(`s${index + 1}-band`) : faint(text)));
  const named = { ink: colour("ink"), ink2: colour("ink-2"), ink3: colour("ink-3"), ghost: colour("ghost"), grid: colour("grid"), edge: colour("edge"), surface: colour("surface") };
  const font = getComputedStyle(place).fontFamily;
  probe.remove();
  return { series, bands, ...named, font };
}

// Under a finger the first touch shows the tip; what is under a point is opened from the table there.
const HOVERS = matchMedia("(hover: hover)").matches;

class Chart {
  private readonly chart: ECharts;
  private colours: Colours;
  private waiting = 0;

  constructor(private readonly figure: HTMLElement, private readonly spec: Spec) {
    if (spec.type === "bars") {
      figure.classList.add("bars");
      figure.style.blockSize = `${barsHeight(spec)}px`;
    }
    this.colours = coloursOf(figure);
    this.chart = init(figure, null, { renderer: "svg" });
    this.draw();
    if (HOVERS && spec.series.some((series) => series.href?.some(Boolean))) {
      figure.classList.add("opens");
      this.chart.getZr().on("click", (event: { offsetX: number; offsetY: number }) => this.follow(event.offsetX, event.offsetY));
    }
    new ResizeObserver(() => this.soon()).observe(figure);
  }

  option(size: Size): Record<string, unknown> {
    return this.spec.type === "bars" ? barsOption(this.spec, this.colours, size) : trendOption(this.spec, this.colours, size);
  }

  recolour(): void {
    this.colours = coloursOf(this.figure);
    this.draw();
  }

  picture(title: string, subtitle: string): Picture {
    return { spec: this.spec, colours: this.colours, title, subtitle, fontUrl: FONTS, option: (size) => this.option(size) };
  }

  private soon(): void {
    cancelAnimationFrame(this.waiting);
    this.waiting = requestAnimationFrame(() => {
      if (!this.figure.clientWidth) return;
      this.chart.resize();
      this.draw();
    });
  }

  private draw(): void {
    const size = { width: this.figure.clientWidth, height: this.figure.clientHeight };
    const tooltip = {
      trigger: "axis",
      confine: true,
      padding: 0,
      borderWidth: 0,
      backgroundColor: "transparent",
      extraCssText: "box-shadow:none",
      axisPointer: { type: this.spec.type === "bars" ? "none" : "line", lineStyle: { color: this.colours.edge, type: "solid" } },
      formatter: (points: { dataIndex: number }[]) => tip(this.spec, points[0]?.dataIndex ?? 0),
    };
    this.chart.setOption({ ...this.option(size), tooltip }, { notMerge: true });
  }

  // A click opens what is under the point nearest to it.
  private follow(x: number, y: number): void {
    const at = this.chart.convertFromPixel({ gridIndex: 0 }, [x, y]);
    const [along = 0, value = 0] = this.spec.type === "bars" ? [...at].reverse() : at;
    const index = Math.round(along);
    const near = this.spec.series
      .filter((series) => series.href?.[index] && series.values[index] != null)
      .sort((a, b) => Math.abs((a.values[index] ?? 0) - value) - Math.abs((b.values[index] ?? 0) - value))[0];
    const address = near?.href?.[index];
    if (address) location.assign(address);
  }
}

const charts = new Map<HTMLElement, Chart>();

function specOf(figure: HTMLElement): Spec | null {
  const text = document.getElementById(figure.dataset["chart"] ?? "")?.textContent;
  return text ? (JSON.parse(text) as Spec) : null;
}

function foldTable(frame: Element): void {
  const button = frame.querySelector<HTMLElement>("[data-chart-table]");
  const table = frame.querySelector<HTMLElement>(".pv-chart-table");
  if (!button || !table) return;
  const show = (open: boolean) => {
    table.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
  };
  show(false);
  button.addEventListener("click", () => show(table.hidden === true));
}

function saveButtons(frame: Element, figure: HTMLElement): void {
  for (const button of frame.querySelectorAll<HTMLElement>("[data-chart-save]")) {
    button.addEventListener("click", () => {
      const title = frame.querySelector("h2, h3")?.textContent?.trim() ?? "";
      const subtitle = frame.querySelector(".pv-panel-head p")?.textContent?.trim() ?? "";
      const chart = charts.get(figure);
      if (chart) void save(chart.picture(title, subtitle), (figure.dataset["chart"] ?? "chart").replace(/^spec-/, ""), button.dataset["chartSave"] ?? "png");
    });
  }
}

function drawAll(): void {
  for (const gone of [...charts.keys()].filter((figure) => !figure.isConnected)) charts.delete(gone);
  for (const figure of document.querySelectorAll<HTMLElement>("figure[data-chart]")) {
    const spec = charts.has(figure) ? null : specOf(figure);
    const frame = figure.closest("[data-chart-frame]");
    if (!spec || !frame) continue;
    figure.classList.add("drawn");
    charts.set(figure, new Chart(figure, spec));
    foldTable(frame);
    saveButtons(frame, figure);
  }
}

function recolourAll(): void {
  for (const chart of charts.values()) chart.recolour();
}

document.addEventListener("peyvand:charts", drawAll);
new MutationObserver(recolourAll).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolourAll);
void document.fonts.ready.then(drawAll);
