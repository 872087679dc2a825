/** A point of a curve; `std` draws a band or a bar around it. */
export interface ChartPoint {
  readonly x: number;
  readonly y: number;
  readonly std: number | null;
}

export interface ChartSeries {
  /** In the legend, once for all curves of one colour. */
  readonly label: string;
  /** What is drawn, for who points at the curve. */
  readonly quantity: string;
  /** Of the palette; curves of one colour stand together in the legend. */
  readonly colour: number;
  /** As in the paper: training thin, validation bold. */
  readonly line: 'thin' | 'bold';
  /** In the order of x. */
  readonly points: readonly ChartPoint[];
}

export interface ChartPanel {
  /** Empty: the only panel. */
  readonly title: string;
  readonly series: readonly ChartSeries[];
}

/** What a figure shows, before it is drawn: y is a share in [0, 1], drawn in percent. */
export interface Chart {
  readonly title: string;
  readonly note: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Draws a mark at every point and the deviation as a bar; else the deviation is a band. */
  readonly hasMarks: boolean;
  readonly panels: readonly ChartPanel[];
}
