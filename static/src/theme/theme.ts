/** The chosen theme: set on the root element, followed by anything that draws with token values. */
import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

/** Followed, not asked at each drawing: an answer makes the browser style the page first. */
const dark = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
let systemIsDark = dark?.matches ?? false;
dark?.addEventListener("change", (event) => { systemIsDark = event.matches; });

export function theme(): Theme {
  const set = document.documentElement.dataset.theme;
  return set === "light" || set === "dark" ? set : "system";
}

export function setTheme(next: Theme): void {
  document.documentElement.dataset.theme = next;
}

/** What is on screen after the system's wish is taken into account. */
export function shownTheme(): "light" | "dark" {
  const chosen = theme();
  return chosen === "system" ? (systemIsDark ? "dark" : "light") : chosen;
}

/** Tells when the colours of the page changed: the theme attribute or the system preference. */
export function onThemeChange(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  dark?.addEventListener("change", listener);
  return () => {
    observer.disconnect();
    dark?.removeEventListener("change", listener);
  };
}

export function useTheme(): Theme {
  return useSyncExternalStore(onThemeChange, theme);
}

export function useShownTheme(): "light" | "dark" {
  return useSyncExternalStore(onThemeChange, shownTheme);
}

/** The value of a token as the browser resolves it now. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
