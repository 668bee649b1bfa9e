/** What code printed, as it printed it. */
import { cx } from "../theme/classes";
import s from "./printed.module.css";

export interface PrintedText {
  text: string;
  /** How many characters were printed in all; more than the text when it was cut. */
  characters: number;
}

export function Printed({ printed, interactive }: { printed: PrintedText; interactive: boolean }) {
  const left = printed.characters - printed.text.length;
  return (
    // A box that scrolls must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={cx(s.printed, interactive && "nowheel")} role="region" aria-label="Printed" tabIndex={interactive ? 0 : -1}>
      <pre>{printed.text}</pre>
      {left > 0 && <p>{left.toLocaleString()} more characters were printed.</p>}
    </div>
  );
}
