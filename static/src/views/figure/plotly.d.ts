/** The part of Plotly that is used here; the cartesian bundle ships no types. */
declare module "plotly.js-cartesian-dist-min" {
  interface Plotly {
    react(element: HTMLElement, data: unknown[], layout: object, config?: object): Promise<unknown>;
    toImage(figure: { data: unknown[]; layout: object }, options: { format: string; width: number; height: number; scale?: number }): Promise<string>;
    purge(element: HTMLElement): void;
  }
  /** What Plotly adds to the element it draws in. */
  export interface PlotlyElement extends HTMLElement {
    on?(event: string, listener: (event: never) => unknown): void;
    removeAllListeners?(event: string): void;
  }
  const plotly: Plotly;
  export default plotly;
}
