/** The menu behind one's own avatar: theme, sign out. */
import type { BootstrapUser } from "../app/bootstrap";
import { Menu, type MenuEntry } from "../theme";
import { useTheme } from "../theme/theme";
import { colourVar, initials } from "./Avatar";
import a from "./avatar.module.css";
import { chooseTheme } from "../actions/theme-choice";

export function AccountMenu({ user, extra = [] }: { user: BootstrapUser; extra?: MenuEntry[] }) {
  const theme = useTheme();
  const choose = (next: "system" | "light" | "dark") => () => void chooseTheme(next).catch(() => undefined);
  return (
    <Menu
      align="end"
      trigger={(
        <button type="button" className={a.avatar} style={{ background: colourVar(user.color) }}>
          <span aria-hidden>{initials(user.name)}</span>
          <span className="visually-hidden">{user.name}, account and theme</span>
        </button>
      )}
      items={[
        { heading: user.guest ? `${user.name}, guest` : user.name },
        { id: "system", label: "Theme of this device", checked: theme === "system", run: choose("system") },
        { id: "light", label: "Light", checked: theme === "light", run: choose("light") },
        { id: "dark", label: "Dark", checked: theme === "dark", run: choose("dark") },
        ...extra,
        ...(user.guest ? [] : [
          { separator: true as const },
          { id: "account", label: "Account", icon: "settings", run: () => location.assign("/accounts/email/") },
          { id: "out", label: "Sign out", icon: "log-out", run: () => location.assign("/accounts/logout/") },
        ]),
      ]}
    />
  );
}
