/** The part of Plotly that is used here; the cartesian bundle ships no types. */
declare module "plotly.js-cartesian-dist-min" {
  interface Plotly {
    react(element: HTMLElement, data: unknown[], layout: object, config?: object): Promise<unknown>;
    purge(element: HTMLElement): void;
  }
  const plotly: Plotly;
  export default plotly;
}
