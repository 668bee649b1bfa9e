/** Choices a person keeps across pages: the theme. */
import { api } from "../app/api";
import { setTheme, type Theme } from "../theme/theme";

/** Applies at once, then stored for the person; a failure to store changes nothing on screen. */
export async function chooseTheme(theme: Theme): Promise<void> {
  setTheme(theme);
  await api.patch("me", { theme });
}
