/** What is shown only once it has lasted: quicker things would flicker, and cost a drawing. */
import { useEffect, useState } from "react";

/** The value, told `ms` late; that it is over is told at once. */
export function useLate<T>(value: T, ms: number): T {
  const [shown, setShown] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setShown(value), value ? ms : 0);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return value && shown;
}
