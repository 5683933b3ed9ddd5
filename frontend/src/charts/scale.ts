// The value axis: four or five round steps around the data, within the measure's own ends.
import type { Spec } from "./spec";

export interface Scale {
  min: number;
  max: number;
  step: number;
}

const STEPS = [1, 2, 2.5, 5, 10];

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return (STEPS.find((step) => step * power >= rough * 0.999) ?? 10) * power;
}

function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

/** The axis for these values; `fromZero` for bars, whose length is the value. */
export function scaleFor(spec: Pick<Spec, "series" | "limits">, fromZero: boolean): Scale {
  const values = spec.series.flatMap((one) => [...one.values, ...(one.low ?? []), ...(one.high ?? [])]).filter((value) => value !== null);
  let low = Math.min(...values, ...(fromZero ? [0] : []));
  let high = Math.max(...values, ...(fromZero ? [0] : []));
  if (!Number.isFinite(low) || !Number.isFinite(high)) [low, high] = [0, 1];
  if (low === high) [low, high] = [low - 1, high + 1];
  const step = roundStep((high - low) / 4);
  const [least, most] = spec.limits ?? [null, null];
  let min = tidy(Math.floor(low / step) * step);
  let max = tidy(Math.ceil(high / step) * step);
  if (least !== null) min = Math.max(min, least);
  if (most !== null) max = Math.min(max, most);
  return { min, max, step: tidy(step) };
}

/** Places for labels that must not cover each other: as near to where they belong as `gap` allows, inside top and bottom. */
export function spread(places: number[], gap: number, top: number, bottom: number): number[] {
  const order = places.map((place, index) => ({ place, index })).sort((a, b) => a.place - b.place);
  order.forEach((one, at) => {
    const above = order[at - 1];
    one.place = Math.max(one.place, above ? above.place + gap : top);
  });
  for (let at = order.length - 1; at >= 0; at -= 1) {
    const one = order[at];
    const below = order[at + 1];
    if (one) one.place = Math.min(one.place, below ? below.place - gap : bottom);
  }
  const out = [...places];
  for (const one of order) out[one.index] = one.place;
  return out;
}
