// Bars: one row a group, growing from the start of the line, with the interval as a whisker and the number at the end.
import { isolated, written } from "./numbers";
import { scaleFor } from "./scale";
import type { Colours, Size, Spec } from "./spec";

export const ROW = 38;
const HEAD = 30;

/** How tall a picture of bars wants to be. */
export function barsHeight(spec: Spec): number {
  return spec.x.length * ROW + HEAD;
}

interface Drawing {
  value(dimension: number): number;
  coord(point: number[]): number[];
}

function whisker(spec: Spec, values: (number | null)[], colours: Colours) {
  const { direction, numbers } = spec;
  const colour = colours.ink;
  const rtl = direction === "rtl";
  return (_: unknown, api: Drawing): object => {
    const at = api.value(0);
    const [x1 = 0, y = 0] = api.coord([api.value(1), at]);
    const [x2 = 0] = api.coord([api.value(2), at]);
    const style = { stroke: colour, lineWidth: 1.5, fill: null };
    const line = (shape: object) => ({ type: "line", shape, style });
    const number = { text: isolated(written(values[at] ?? 0, numbers), direction), x: x2 + (rtl ? -8 : 8), y, align: rtl ? "right" : "left", verticalAlign: "middle", fill: colours.ink2, font: `500 12.5px ${colours.font}` };
    return {
      type: "group",
      children: [{ type: "text", style: number }, line({ x1, y1: y, x2, y2: y }), line({ x1, y1: y - 4, x2: x1, y2: y + 4 }), line({ x1: x2, y1: y - 4, x2, y2: y + 4 })],
    };
  };
}

function names(spec: Spec, colours: Colours, size: Size): object {
  return {
    type: "category",
    data: spec.x,
    inverse: true,
    position: spec.direction === "rtl" ? "right" : "left",
    axisLine: { show: true, onZero: true, lineStyle: { color: colours.edge } },
    axisTick: { show: false },
    axisLabel: {
      color: colours.ink2,
      fontSize: 13.5,
      fontFamily: colours.font,
      width: Math.min(180, size.width * 0.34),
      overflow: "truncate",
      formatter: (label: string) => isolated(label, spec.direction),
    },
  };
}

function amounts(spec: Spec, colours: Colours): object {
  const scale = scaleFor(spec, true);
  return {
    type: "value",
    inverse: spec.direction === "rtl",
    min: scale.min,
    max: scale.max,
    interval: scale.step,
    splitLine: { lineStyle: { color: colours.grid } },
    axisLabel: {
      color: colours.ink3,
      fontSize: 12.5,
      fontFamily: colours.font,
      hideOverlap: true,
      formatter: (value: number) => isolated(written(value, { ...spec.numbers, decimals: scale.step % 1 ? 1 : 0 }, false), spec.direction),
    },
  };
}

/** The ECharts option that draws bars at this size in these colours. */
export function barsOption(spec: Spec, colours: Colours, size: Size): Record<string, unknown> {
  const rtl = spec.direction === "rtl";
  const drawn = spec.series.slice(0, 5).flatMap((series, index) => {
    const colour = series.ghost ? colours.ghost : (colours.series[index] ?? colours.ink2);
    const bars = series.values.map((value, at) => {
      const few = (series.base ?? series.n?.[at] ?? spec.few) < spec.few;
      const whole = { color: few ? "transparent" : colour, borderColor: few ? colours.ghost : colour, borderWidth: few ? 1.5 : 0, borderType: few ? [3, 3] : "solid", opacity: series.high ? 0.72 : 1, borderRadius: 3 };
      return { value: value ?? "-", itemStyle: whole };
    });
    const label = { show: !series.high, position: rtl ? "left" : "right", color: colours.ink2, fontSize: 12.5, fontFamily: colours.font, formatter: (point: { value: number }) => isolated(written(point.value, spec.numbers), spec.direction) };
    const spans = series.values.flatMap((_, at) => (series.low?.[at] == null || series.high?.[at] == null ? [] : [[at, series.low[at], series.high[at]]]));
    return [
      { type: "bar", name: series.name, data: bars, barMaxWidth: 16, label, emphasis: { disabled: true } },
      ...(spans.length && spec.series.length === 1 ? [{ type: "custom", data: spans, renderItem: whisker(spec, series.values, colours), encode: { x: [1, 2], y: 0 }, silent: true, z: 5 }] : []),
    ];
  });
  return {
    animation: false,
    grid: { top: 4, bottom: 4, left: rtl ? 48 : 4, right: rtl ? 4 : 48, outerBoundsMode: "same", containLabel: true },
    xAxis: amounts(spec, colours),
    yAxis: names(spec, colours, size),
    series: drawn,
  };
}
