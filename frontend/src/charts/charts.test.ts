import { describe, expect, test } from "vitest";
import { barsOption } from "./bars";
import { filled, isolated, written } from "./numbers";
import { scaleFor, spread } from "./scale";
import type { Colours, Spec } from "./spec";
import { trendOption } from "./trend";

const persian = { persian: true, decimals: 1, unit: "٪" };
const english = { persian: false, decimals: 0, unit: "points" };
const colours: Colours = { series: ["#1", "#2"], bands: ["#1b", "#2b"], ink: "#000", ink2: "#222", ink3: "#333", ghost: "#999", grid: "#eee", edge: "#888", surface: "#fff", font: "Vazirmatn" };

function spec(changes: Partial<Spec> = {}): Spec {
  return {
    type: "trend",
    direction: "rtl",
    x: ["شهریور", "مهر", "آبان"],
    series: [{ name: "تحویل", values: [78, null, 71], low: [75, null, 68], high: [81, null, 74], n: [900, null, 12] }],
    numbers: persian,
    words: { interval: "{low} تا {high}", answers: "{n} پاسخ", few: "کم" },
    few: 30,
    ...changes,
  };
}

interface Option {
  grid: { left: number; top: number };
  xAxis: { inverse: boolean };
  yAxis: { position: string; min: number; max: number };
  series: { stack?: string; name?: string; data: ({ value: number | string; symbol: string; itemStyle: { borderColor: string }; label?: { align: string; formatter: string } } | number | string)[] }[];
}

const option = (changes: Partial<Spec>, width: number): Option => trendOption(spec(changes), colours, { width, height: 320 }) as unknown as Option;

describe("numbers", () => {
  test("are written with Persian digits, marks and unit", () => expect(written(1234.56, persian)).toBe("۱٬۲۳۴٫۶٪"));
  test("are written in English with the unit as a word", () => expect(written(1234, english)).toBe("1,234 points"));
  test("hold the minus at the left in any direction", () => expect(written(-8, english, false)).toBe("\u200e−8"));
  test("have no minus when rounded to nothing", () => expect(written(-0.2, english, false)).toBe("0"));
  test("group long numbers only in the whole part", () => expect(written(1234567.25, { ...english, decimals: 2 }, false)).toBe("1,234,567.25"));
  test("stand in sentences", () => expect(filled("{low} to {high} of {who}", { low: "1", high: "2" })).toBe("1 to 2 of {who}"));
  test("are isolated right to left alone", () => expect([isolated("a", "ltr"), isolated("ا", "rtl").at(0)]).toEqual(["a", "\u2067"]));
});

describe("the scale", () => {
  test("takes round steps around the intervals", () => expect(scaleFor(spec(), false)).toEqual({ min: 65, max: 85, step: 5 }));
  test("never passes the measure's own ends", () => {
    const high = spec({ series: [{ name: "a", values: [97], high: [101], low: [90] }], limits: [0, 100] });
    expect(scaleFor(high, false).max).toBe(100);
  });
  test("starts bars from nought", () => expect(scaleFor(spec(), true).min).toBe(0));
  test("stands one value in the middle", () => expect(scaleFor(spec({ series: [{ name: "a", values: [5] }] }), false)).toMatchObject({ min: 4, max: 6 }));
  test("has an answer for no values at all", () => expect(scaleFor(spec({ series: [] }), false)).toMatchObject({ min: 0, max: 1 }));
});

describe("labels at the line ends", () => {
  test("move apart as little as they must", () => expect(spread([100, 105, 200], 20, 0, 300)).toEqual([100, 120, 200]));
  test("stay inside the plot", () => expect(spread([290, 295], 20, 0, 300)).toEqual([280, 300]));
  test("keep their order as given", () => expect(spread([200, 50], 20, 0, 300)).toEqual([200, 50]));
});

describe("a trend", () => {
  test("runs from the right in Persian and from the left in English", () => {
    expect([option({}, 800).xAxis.inverse, option({}, 800).yAxis.position]).toEqual([true, "right"]);
    expect([option({ direction: "ltr" }, 800).xAxis.inverse, option({ direction: "ltr" }, 800).yAxis.position]).toEqual([false, "left"]);
  });
  test("names the line at its end: beside it on a desk, above the plot on a phone", () => {
    const end = (width: number) => (option({}, width).series.find((one) => one.name)?.data[2] as { label?: { align: string } }).label?.align;
    expect([end(800), end(360)]).toEqual(["right", "left"]);
    const text = (n: number) => (option({ series: [{ name: "NPS", values: [70, 71, 72], n: [40, 40, n] }] }, 800).series.find((one) => one.name)?.data[2] as { label: { formatter: string } }).label.formatter;
    expect([text(30).includes("۷۲"), text(29).includes("۷۲"), text(29).includes("NPS")]).toEqual([true, false, true]);
    const two = [{ name: "NPS", values: [70, 71, 72] }, { name: "پارسال", values: [60, 61, 62], ghost: true }];
    expect([option({ series: two }, 800).grid.top, option({ series: two }, 360).grid.top]).toEqual([24, 56]);
  });
  test("leaves the names at its ends the room they need, up to a third", () => {
    const room = (name: string) => option({ series: [{ name, values: [70, 71, 72], ghost: true }] }, 900).grid.left;
    expect([room("NPS"), room("x".repeat(20)), room("x".repeat(200))]).toEqual([72, 160, 300]);
  });
  test("draws a point with few answers hollow, in grey", () => {
    const point = option({}, 800).series.find((one) => one.name)?.data[2];
    expect(point).toMatchObject({ symbol: "circle", itemStyle: { borderColor: "#999" } });
  });
  test("leaves a gap where there is no value, in the line and in its band", () => {
    const drawn = option({}, 800).series;
    expect(drawn.filter((one) => one.stack).map((one) => one.data[1])).toEqual(["-", "-"]);
    expect(drawn.find((one) => one.name)?.data[1]).toMatchObject({ value: "-" });
  });
  test("gives a ghost no band and no colour of its own", () => {
    const ghost = { name: "پارسال", values: [70, 71, 72], low: [1, 1, 1], high: [99, 99, 99], ghost: true };
    expect(option({ series: [ghost] }, 800).series.filter((one) => one.stack)).toEqual([]);
  });
});

describe("bars", () => {
  const drawn = (base?: number) => {
    const series = [{ name: "سهم", values: [10, 90], n: [2, 18], ...(base === undefined ? {} : { base }) }];
    const made = barsOption(spec({ type: "bars", x: ["۱", "۲"], series }), colours, { width: 400, height: 120 });
    return (made["series"] as { data: { itemStyle: { color: string } }[] }[])[0]?.data.map((bar) => bar.itemStyle.color);
  };
  test("are hollow where each stands on few answers", () => expect(drawn()).toEqual(["transparent", "transparent"]));
  test("are full where the whole they are shares of has enough", () => expect(drawn(200)).toEqual(["#1", "#1"]));
  test("are hollow where the whole has few", () => expect(drawn(20)).toEqual(["transparent", "transparent"]));
});
