// What a page asks a chart to show: the JSON beside its figure, written by peyvand.core.pictures.

export interface Series {
  name: string;
  values: (number | null)[];
  low?: (number | null)[];
  high?: (number | null)[];
  n?: (number | null)[];
  href?: (string | null)[];
  ghost?: boolean;
  /** How many answers the bars stand on together, where they are shares of one whole. */
  base?: number;
}

export interface Spec {
  type: "trend" | "bars";
  direction: "rtl" | "ltr";
  /** Labels in time order, oldest first, or the names of the bars; written for the reader by the server. */
  x: string[];
  /** The same in full, for the tip, where the axis is terse. */
  full?: string[];
  series: Series[];
  marks?: { at: number; text: string }[];
  /** Ends the axis never passes, such as -100 and 100 of NPS. */
  limits?: [number | null, number | null];
  /** How numbers are written. */
  numbers: { persian: boolean; decimals: number; unit: string };
  /** Sentences with {low}, {high}, {n} for the tip. */
  words: { interval: string; answers: string; few: string };
  /** Fewer answers than this are drawn hollow. */
  few: number;
}

export interface Colours {
  series: string[];
  bands: string[];
  ink: string;
  ink2: string;
  ink3: string;
  ghost: string;
  grid: string;
  edge: string;
  surface: string;
  font: string;
}

export interface Size {
  width: number;
  height: number;
}

/** Below this width the chart is drawn for a phone: fewer labels, names inside the plot. */
export const NARROW = 520;
