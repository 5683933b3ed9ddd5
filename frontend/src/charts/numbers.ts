// Numbers as the reader writes them: Persian digits, ٫ and ٬, the minus at the left of its number in any direction.
import type { Spec } from "./spec";

const PERSIAN_ZERO = 0x6f0;
const LRM = "\u200e";

export function digits(text: string, persian: boolean): string {
  return persian ? text.replace(/\d/g, (digit) => String.fromCharCode(PERSIAN_ZERO + Number(digit))) : text;
}

/** A number with grouped thousands, and its unit where asked for. */
export function written(value: number, numbers: Spec["numbers"], withUnit = true): string {
  const fixed = Math.abs(value).toFixed(numbers.decimals);
  const [whole = "0", part] = fixed.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, numbers.persian ? "٬" : ",");
  const point = numbers.persian ? "٫" : ".";
  const sign = value < 0 && Number(fixed) !== 0 ? `${LRM}−` : "";
  const unit = withUnit && numbers.unit ? (numbers.unit.length === 1 ? numbers.unit : ` ${numbers.unit}`) : "";
  return digits(sign + grouped + (part ? point + part : ""), numbers.persian) + unit;
}

/** A text held together in its own direction, for places that know no direction of their own. The Arabic letter mark keeps ٪ at the left of its number. */
export function isolated(text: string, direction: Spec["direction"]): string {
  return direction === "rtl" ? `\u2067\u061c${text}\u2069` : text;
}

/** A sentence with its {names} filled. */
export function filled(sentence: string, values: Record<string, string>): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
