/** Light, dark, or as the device says. */
import { chooseTheme } from "./theme-choice";
import { session } from "../app/session";
import type { Theme } from "../theme/theme";
import { theme } from "../theme/theme";
import type { Action } from "./action";

const NAMES: [Theme, string, string][] = [["light", "Light theme", "sun"], ["dark", "Dark theme", "moon"], ["system", "Theme of this device", "monitor"]];

export const actions: Action[] = NAMES.map(([name, label, icon]) => ({
  id: `theme-${name}`, label, icon, group: "View",
  when: () => theme() !== name,
  run: () => void chooseTheme(name).catch((error: Error) => session.ui.toast(error.message)),
}));
