/** A text that code gave, and what it printed on the way. */
import { Printed, type PrintedText } from "./Printed";
import s from "./printed.module.css";
import { Quiet } from "./Quiet";
import type { ViewProps } from "./view";

export default function PrintedView({ view, interactive }: ViewProps<{ type: "printed"; text?: string; printed?: PrintedText }>) {
  const { text, printed } = view;
  if (!text && !printed?.text) return <Quiet>It ran, and gave nothing. Let its last line be a table, a figure or a value.</Quiet>;
  return (
    <div className={s.both}>
      {text && <pre className={s.text}>{text}</pre>}
      {printed?.text && <Printed printed={printed} interactive={interactive} />}
    </div>
  );
}
