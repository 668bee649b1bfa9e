/** Markdown text: no raw HTML, no remote pictures, links to http and https only. */
import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { cx } from "../theme/classes";
import s from "./body.module.css";
import { safeUrl } from "./safeUrl";
import type { ViewProps } from "./view";

const PARTS: Components = {
  a: ({ href, children }) => href
    ? <a href={href} target="_blank" rel="noopener noreferrer nofollow" className="nodrag">{children}</a>
    : <span>{children}</span>,
  img: ({ alt }) => <span>{alt}</span>,
};

export function Prose({ text }: { text: string }) {
  return (
    <div className={s.prose}>
      <Markdown remarkPlugins={[remarkGfm]} components={PARTS} urlTransform={safeUrl} skipHtml>{text}</Markdown>
    </div>
  );
}

export default function MarkdownView({ view, interactive }: ViewProps<{ type: "markdown"; text: string }>) {
  return <div className={cx(s.note, interactive && s.scrolls, interactive && "nowheel")}><Prose text={String(view.text ?? "")} /></div>;
}
