// A chart as a file: drawn again with its title and unit, as PNG at twice the size or as SVG that brings its font along.
import { init } from "echarts/core";
import { isolated } from "./numbers";
import type { Colours, Size, Spec } from "./spec";

export interface Picture {
  spec: Spec;
  colours: Colours;
  title: string;
  subtitle: string;
  fontUrl: string;
  option(size: Size): Record<string, unknown>;
}

const SIZE: Size = { width: 960, height: 520 };
const HEAD = 84;

function titled(picture: Picture): Record<string, unknown> {
  const { spec, colours } = picture;
  const inner = { width: SIZE.width, height: SIZE.height - HEAD };
  const option = picture.option(inner);
  const grid = option["grid"] as { top: number };
  const rtl = spec.direction === "rtl";
  return {
    ...option,
    tooltip: { show: false },
    backgroundColor: colours.surface,
    grid: { ...grid, top: grid.top + HEAD },
    title: {
      text: isolated(picture.title, spec.direction),
      subtext: isolated(picture.subtitle, spec.direction),
      left: rtl ? SIZE.width - 24 : 24,
      top: 16,
      itemGap: 14,
      textAlign: rtl ? "right" : "left",
      textStyle: { color: colours.ink, fontFamily: colours.font, fontSize: 18, fontWeight: 700 },
      subtextStyle: { color: colours.ink3, fontFamily: colours.font, fontSize: 13.5 },
    },
  };
}

function drawn(picture: Picture, renderer: "canvas" | "svg"): { url(): string; text(): string; done(): void } {
  const box = document.createElement("div");
  const chart = init(box, null, { ...SIZE, renderer, devicePixelRatio: 2 });
  chart.setOption(titled(picture));
  return {
    url: () => chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: picture.colours.surface }),
    text: () => chart.renderToSVGString({ useViewBox: true }),
    done: () => chart.dispose(),
  };
}

async function embeddedFont(url: string): Promise<string> {
  try {
    const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
    let binary = "";
    for (const byte of bytes) binary += String.fromCharCode(byte);
    return `<style>@font-face{font-family:Vazirmatn;font-weight:400 700;src:url(data:font/woff2;base64,${btoa(binary)})}</style>`;
  } catch {
    return "";
  }
}

function download(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

/** Save the picture under its name as "png" or "svg". */
export async function save(picture: Picture, name: string, kind: string): Promise<void> {
  const drawing = drawn(picture, kind === "svg" ? "svg" : "canvas");
  if (kind === "svg") {
    const text = drawing.text().replace(/<svg([^>]*)>/, `<svg$1 direction="ltr">${await embeddedFont(picture.fontUrl)}`);
    const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    download(url, `${name}.svg`);
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  } else download(drawing.url(), `${name}.png`);
  drawing.done();
}
