/** A person as initials on their colour. */
import { Tooltip, cx } from "../theme";
import s from "./avatar.module.css";

const COLOURS = ["coral", "blue", "plum", "moss", "rose", "umber", "slate", "indigo"];

export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? `${words[0]?.[0] ?? ""}${words[words.length - 1]?.[0] ?? ""}` : (words[0] ?? "?").slice(0, 2);
  return letters.toUpperCase();
}

export function colourVar(color: string | undefined): string {
  return `var(--peer-${color && COLOURS.includes(color) ? color : "slate"})`;
}

export interface AvatarProps {
  name: string;
  color?: string;
  hint?: string;
  small?: boolean;
  onClick?: () => void;
  pressed?: boolean;
}

export function Avatar({ name, color, hint, small, onClick, pressed }: AvatarProps) {
  const style = { background: colourVar(color) };
  const className = cx(s.avatar, small && s.small, pressed && s.pressed);
  const face = onClick
    ? (
      <button type="button" className={className} style={style} aria-pressed={pressed} onClick={onClick}>
        <span aria-hidden>{initials(name)}</span>
        <span className="visually-hidden">{hint ?? name}</span>
      </button>
    )
    : <span className={className} style={style} role="img" aria-label={name}>{initials(name)}</span>;
  return <Tooltip content={hint ?? name}>{face}</Tooltip>;
}

/** At most `most` faces, then how many more. */
export function Avatars({ people, most = 4 }: { people: readonly { name: string; color?: string }[]; most?: number }) {
  const shown = people.length > most ? people.slice(0, most) : people;
  const rest = people.slice(shown.length);
  return (
    <span className={s.stack}>
      {shown.map((p, i) => <Avatar key={i} name={p.name} color={p.color} small />)}
      {rest.length > 0 && <Tooltip content={rest.map((p) => p.name).join(", ")}><span className={s.more}>+{rest.length}</span></Tooltip>}
    </span>
  );
}
