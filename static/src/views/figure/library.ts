/** Plotly, loaded once; its stylesheet is ours (`plotly.css`), as the page forbids styles added by scripts. */
import type library from "plotly.js-cartesian-dist-min";
import "./plotly.css";

/** Where Plotly looks for the styles it would add; the second is the map style sheet it carries but never draws with. */
const PLACES = ["plotly.js-style-global", "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53"];

function holdPlaces(): void {
  for (const id of PLACES) {
    if (document.getElementById(id)) continue;
    const place = document.createElement("meta");
    place.id = id;
    // The class by which Plotly is told to leave styles alone.
    place.className = "no-inline-styles";
    document.head.append(place);
  }
}

type Library = typeof library;

const RETRY_MS = 2_000;

let loading: Promise<Library> | undefined;

/** The library; it comes with the first chart that is drawn, not with the first that is seen. */
export function plotly(): Promise<Library> {
  if (!loading) holdPlaces();
  return (loading ??= fetched());
}

/** The server may be away for a moment: charts keep their sketches, and it is asked again. */
async function fetched(): Promise<Library> {
  try {
    return (await import("plotly.js-cartesian-dist-min")).default;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    return fetched();
  }
}
