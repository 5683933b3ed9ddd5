// A trend: lines over time with interval bands, names at the line ends, last year as a ghost, marks for what was changed.
import { isolated, written } from "./numbers";
import { type Scale, scaleFor, spread } from "./scale";
import { type Colours, NARROW, type Series, type Size, type Spec } from "./spec";

interface Frame {
  spec: Spec;
  colours: Colours;
  size: Size;
  scale: Scale;
  narrow: boolean;
  rtl: boolean;
  grid: { top: number; bottom: number; left: number; right: number };
}

interface Line {
  series: Series;
  colour: string;
  band: string;
  last: number;
}

const LABEL_GAP = 20;
const LETTER = 7.2; // a letter's usual width at the size of an end label, in pixels
const AXIS_ROOM = 42;
const KEY_ROW = 22; // a row of names above the plot, where a phone leaves no room beside the line ends
const KEY_LINE = 18;

// The names beside the line ends stand whole, up to a third of the picture.
function endRoom(spec: Spec, size: Size): number {
  const longest = Math.max(0, ...spec.series.map((series) => series.name.length + (series.ghost ? 0 : 4)));
  return Math.min(Math.max(72, longest * LETTER + 16), size.width / 3);
}

function frameOf(spec: Spec, colours: Colours, size: Size): Frame {
  const narrow = size.width < NARROW;
  const rtl = spec.direction === "rtl";
  const [start, end] = [narrow ? 34 : AXIS_ROOM, narrow ? 10 : endRoom(spec, size)];
  const top = narrow ? 12 + KEY_ROW * spec.series.length : 24;
  const grid = { top, bottom: 30, left: rtl ? end : start, right: rtl ? start : end };
  return { spec, colours, size, scale: scaleFor(spec, false), narrow, rtl, grid };
}

function lines(frame: Frame): Line[] {
  let index = -1;
  return frame.spec.series.map((series) => {
    if (!series.ghost) index += 1;
    const at = Math.max(index, 0) % frame.colours.series.length;
    const colour = series.ghost ? frame.colours.ghost : (frame.colours.series[at] ?? frame.colours.ink2);
    const last = series.values.reduce<number>((found, value, place) => (value === null ? found : place), -1);
    return { series, colour, band: frame.colours.bands[at] ?? "transparent", last };
  });
}

function yOf(frame: Frame, value: number): number {
  const { top, bottom } = frame.grid;
  const height = frame.size.height - top - bottom;
  return top + height * (1 - (value - frame.scale.min) / (frame.scale.max - frame.scale.min));
}

// On a wide picture names stand beside the line ends; on a phone in rows above the plot, where no line crosses them.
function labelPlaces(frame: Frame, all: Line[]): number[] {
  if (frame.narrow) return all.map((_, row) => KEY_ROW * (row + 0.5));
  const values = all.map((line) => (line.last < 0 ? 0 : yOf(frame, line.series.values[line.last] ?? 0)));
  return spread(values, LABEL_GAP, frame.grid.top, frame.size.height - frame.grid.bottom);
}

// A stroke as the line's own beside its name; the parts of a label run from left to right in either direction.
function keyed(frame: Frame, line: Line, text: string): object {
  const ink = line.series.ghost ? frame.colours.ghost : line.colour;
  const stroke = line.series.ghost
    ? { width: KEY_LINE, align: "center", color: ink, fontSize: 15, fontWeight: 700 }
    : { width: KEY_LINE, height: 2.25, backgroundColor: ink };
  const mark = `{stroke|${line.series.ghost ? "···" : ""}}`;
  return { formatter: frame.rtl ? `${text}  ${mark}` : `${mark}  ${text}`, rich: { stroke } };
}

function isFew(frame: Frame, line: Line, index: number): boolean {
  const n = line.series.n?.[index];
  return !line.series.ghost && n !== undefined && n !== null && n < frame.spec.few;
}

// A last point on few answers is named without its value: big beside the line, it would read as where things stand.
function endLabel(frame: Frame, line: Line, place: number, middle: number): object {
  const value = line.series.values[line.last] ?? 0;
  const text = line.series.ghost || isFew(frame, line, line.last) ? line.series.name : `${line.series.name} \u2068${written(value, frame.spec.numbers)}\u2069`;
  const outside = frame.rtl ? -12 : 12;
  const align = frame.rtl ? (frame.narrow ? "left" : "right") : frame.narrow ? "right" : "left";
  const words = isolated(text, frame.spec.direction);
  return {
    show: true,
    ...(frame.narrow ? keyed(frame, line, words) : { formatter: words }),
    position: [middle + (frame.narrow ? 0 : outside), middle + place - yOf(frame, value)],
    align,
    verticalAlign: "middle",
    color: line.series.ghost ? frame.colours.ink3 : line.colour,
    fontSize: line.series.ghost ? 12.5 : 13.5,
    fontWeight: line.series.ghost ? 400 : 500,
    fontFamily: frame.colours.font,
  };
}

function points(frame: Frame, line: Line, place: number): object[] {
  return line.series.values.map((value, index) => {
    const few = isFew(frame, line, index);
    const end = index === line.last;
    const symbolSize = line.series.ghost ? 0.1 : end && !few ? 8 : 6;
    return {
      value: value ?? "-",
      symbol: end || few ? "circle" : "none",
      symbolSize,
      itemStyle: { color: frame.colours.surface, borderColor: few ? frame.colours.ghost : line.colour, borderWidth: line.series.ghost ? 0 : few ? 1.5 : 2.25 },
      ...(end ? { label: endLabel(frame, line, place, symbolSize / 2) } : {}),
    };
  });
}

function band(line: Line, index: number): object[] {
  const { low, high } = line.series;
  if (!low || !high || line.series.ghost) return [];
  const base = { type: "line", stack: `band${index}`, stackStrategy: "all", symbol: "none", silent: true, lineStyle: { opacity: 0 }, animation: false };
  return [
    { ...base, data: low.map((value) => value ?? "-"), z: 1 },
    { ...base, data: high.map((value, at) => (value === null || low[at] == null ? "-" : value - (low[at] ?? 0))), areaStyle: { color: line.band }, z: 1 },
  ];
}

function marks(frame: Frame): object[] {
  const { spec, colours, scale, rtl } = frame;
  return (spec.marks ?? []).map((mark) => ({
    type: "line",
    symbol: "none",
    silent: true,
    animation: false,
    z: 2,
    lineStyle: { color: colours.edge, width: 1, type: [3, 3] },
    data: [],
    markLine: { symbol: "none", silent: true, animation: false, lineStyle: { color: colours.edge, width: 1, type: [3, 3] }, label: { show: false }, data: [{ xAxis: mark.at }] },
    markPoint: {
      symbol: "circle",
      symbolSize: 0.1,
      silent: true,
      animation: false,
      data: [{
        coord: [mark.at, scale.min],
        label: { show: true, formatter: isolated(mark.text, spec.direction), position: [rtl ? -6 : 6, -12], align: rtl ? "right" : "left", verticalAlign: "middle", color: colours.ink2, fontSize: 12.5, fontFamily: colours.font },
      }],
    },
  }));
}

function timeAxis(frame: Frame): object {
  const { spec, narrow, size } = frame;
  const longest = Math.max(...spec.x.map((label) => label.length), 1);
  const room = (size.width - frame.grid.left - frame.grid.right) / Math.max(longest * 7 + 16, 40);
  const every = Math.max(1, Math.ceil((spec.x.length - 1) / Math.max(1, Math.min(room, narrow ? 4 : 12))));
  const last = spec.x.length - 1;
  const ends = frame.rtl ? { alignMinLabel: "right", alignMaxLabel: "left" } : { alignMinLabel: "left", alignMaxLabel: "right" };
  return {
    type: "category",
    data: spec.x,
    inverse: frame.rtl,
    boundaryGap: false,
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: {
      color: frame.colours.ink3,
      fontSize: 12.5,
      fontFamily: frame.colours.font,
      margin: 12,
      interval: (index: number) => (last - index) % every === 0,
      formatter: (label: string) => isolated(label, spec.direction),
      ...(narrow ? ends : {}),
    },
  };
}

function valueAxis(frame: Frame): object {
  const { spec, scale, colours } = frame;
  return {
    type: "value",
    position: frame.rtl ? "right" : "left",
    min: scale.min,
    max: scale.max,
    interval: scale.step,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: colours.grid } },
    axisLabel: {
      color: colours.ink3,
      fontSize: 12.5,
      fontFamily: colours.font,
      formatter: (value: number) => isolated(written(value, { ...spec.numbers, decimals: scale.step % 1 ? 1 : 0 }, value >= scale.max && spec.numbers.unit.length === 1), spec.direction),
    },
  };
}

/** The ECharts option that draws a trend at this size in these colours. */
export function trendOption(spec: Spec, colours: Colours, size: Size): Record<string, unknown> {
  const frame = frameOf(spec, colours, size);
  const all = lines(frame);
  const places = labelPlaces(frame, all);
  const drawn = all.flatMap((line, index) => [
    ...band(line, index),
    {
      type: "line",
      name: line.series.name,
      data: points(frame, line, places[index] ?? 0),
      showAllSymbol: true,
      connectNulls: false,
      z: line.series.ghost ? 2 : 3,
      lineStyle: { color: line.colour, width: line.series.ghost ? 1.5 : 2.25, type: line.series.ghost ? [1, 5] : "solid", cap: "round", join: "round" },
      emphasis: { disabled: true },
    },
  ]);
  return { animation: false, grid: frame.grid, xAxis: timeAxis(frame), yAxis: valueAxis(frame), series: [...drawn, ...marks(frame)] };
}
