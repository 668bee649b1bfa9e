/** A centred quiet sentence in an otherwise empty body. */
import type { ReactNode } from "react";
import s from "./body.module.css";

export function Quiet({ children }: { children: ReactNode }) {
  return <div className={s.quiet}>{children}</div>;
}
