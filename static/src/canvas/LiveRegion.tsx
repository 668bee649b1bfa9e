/** One polite voice for the canvas: what actions say, and runs that ended, gathered over a second. */
import { useEffect, useState } from "react";
import { useUiPart } from "../app/hooks";
import { session } from "../app/session";
import type { State } from "../schema.gen";

const SPOKEN: Partial<Record<State, string>> = { done: "done", cached: "done", error: "failed", stopped: "stopped" };
const BUSY = new Set<State>(["running", "partial"]);

function summary(before: ReadonlyMap<string, State>, now: ReadonlyMap<string, State>): string {
  const ended: string[] = [];
  for (const [id, state] of now) {
    const word = SPOKEN[state];
    const old = before.get(id);
    if (word && old !== undefined && old !== state && SPOKEN[old] !== word) ended.push(`${session.doc.record(id)?.title ?? "Cell"} ${word}`);
  }
  if (ended.length === 0) return "";
  const running = [...now.values()].filter((state) => BUSY.has(state)).length;
  const list = ended.length > 3 ? `${ended.length} cells finished` : ended.join(", ");
  return running ? `${list}, ${running} running` : list;
}

function states(): Map<string, State> {
  return new Map(session.doc.cellIds().map((id) => [id, session.results.get(id).state]));
}

export function LiveRegion() {
  const said = useUiPart((ui) => ui.live);
  const [runs, setRuns] = useState("");
  useEffect(() => {
    let before = states();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const gather = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        const now = states();
        const words = summary(before, now);
        before = now;
        if (words) setRuns(words);
      }, 1_000);
    };
    const stop = session.results.subscribeAny(gather);
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, []);
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      <p>{said}</p>
      <p>{runs}</p>
    </div>
  );
}
