// The tip over a point: its time, and for every line the value, its interval and the number of answers.
import { filled, written } from "./numbers";
import type { Series, Spec } from "./spec";

function element(name: string, className: string, ...content: (Node | string)[]): HTMLElement {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

function lineOf(spec: Spec, series: Series, colour: string, at: number): HTMLElement | null {
  const value = series.values[at];
  if (value === null || value === undefined) return null;
  const number = (amount: number) => written(amount, spec.numbers, false);
  const [low, high, n] = [series.low?.[at], series.high?.[at], series.n?.[at]];
  const parts: (Node | string)[] = [element("i", ""), `${series.name} `, element("bdi", "", written(value, spec.numbers))];
  const notes: string[] = [];
  if (low != null && high != null) notes.push(filled(spec.words.interval, { low: number(low), high: number(high) }));
  if (n != null) notes.push(filled(spec.words.answers, { n: written(n, { ...spec.numbers, decimals: 0 }, false) }));
  if (n != null && n < spec.few) notes.push(spec.words.few);
  const line = element("span", series.ghost ? "ghost" : colour, ...parts);
  if (notes.length) line.append(element("br", ""), notes.join(spec.direction === "rtl" ? "، " : ", "));
  return line;
}

/** What the tip shows for one place on the axis. */
export function tip(spec: Spec, at: number): HTMLElement {
  let index = 0;
  const lines = spec.series.map((series) => lineOf(spec, series, `s${series.ghost ? 0 : ++index}`, at)).filter((line) => line !== null);
  return element("div", "pv-chart-tip", element("b", "", spec.full?.[at] ?? spec.x[at] ?? ""), ...lines);
}
