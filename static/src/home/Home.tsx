/** The home page: search, new canvas, templates, the grid of canvases, and the bin. */
import { useRef, useState, useEffect } from "react";
import { readBootstrap } from "../app/bootstrap";
import { AccountMenu } from "../panels/AccountMenu";
import { Mark } from "../panels/Mark";
import p from "../panels/topbar.module.css";
import { Button, Icon, Key, Tabs, TextField, ToastRegion } from "../theme";
import { newCanvas, useCanvases, type Template } from "./canvases";
import { Card } from "./Card";
import s from "./home.module.css";
import { Thumbnail } from "./Thumbnail";

function Templates({ templates }: { templates: readonly Template[] }) {
  if (!templates.length) return null;
  return (
    <section aria-label="Templates">
      <h2 className={s.heading}>Start from</h2>
      <ul className={s.templates}>
        {templates.map((t) => (
          <li key={t.id ?? t.name}>
            <button type="button" className={s.template} onClick={() => void newCanvas(t.id ?? t.name)}>
              <span className={s.small}>{t.layout?.cells.length ? <Thumbnail layout={t.layout} /> : <Icon name="plus" size={20} />}</span>
              <span className={s.words}>
                <span className={s.title}>{t.id ? t.name : (t.title ?? t.name)}</span>
                <span className={s.facts}>{t.description ?? t.help}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Empty({ search, bin }: { search: string; bin: boolean }) {
  if (search) return <p className={s.empty} role="status">No canvas has “{search}” in its name</p>;
  if (bin) return <p className={s.empty} role="status">The bin is empty</p>;
  return (
    <div className={s.empty} role="status">
      <p>No canvases yet. Make one, or start from a template above.</p>
    </div>
  );
}

function Listing({ search, bin }: { search: string; bin: boolean }) {
  const { canvases, error, change } = useCanvases(search, bin);
  if (error) return <p className={s.empty} role="alert">{error}</p>;
  if (!canvases) return <ul className={s.grid} aria-hidden>{[1, 2, 3].map((i) => <li key={i} className={`${s.card} ${s.bone}`} />)}</ul>;
  if (!canvases.length) return <Empty search={search} bin={bin} />;
  return <ul className={s.grid} aria-label={bin ? "Canvases in the bin" : "Canvases"}>{canvases.map((c) => <Card key={c.id} canvas={c} bin={bin} change={change} />)}</ul>;
}

/** "/" goes to the search field unless one is typing. */
function useSlash(focus: () => void) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea, [role=dialog], [role=menu]");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [focus]);
}

export function Home() {
  const [{ user, templates = [] }] = useState(readBootstrap);
  const [search, setSearch] = useState("");
  const [tab, setTab] = useState("canvases");
  const field = useRef<HTMLInputElement>(null);
  const [focusField] = useState(() => () => field.current?.focus());
  useSlash(focusField);
  return (
    <div className={s.page}>
      <header className={p.topbar}>
        <a href="/" className={p.home} aria-label="Inkling, all canvases"><Mark /></a>
        <h1 className={p.name}>Canvases</h1>
        <span className={p.spring} />
        <TextField
          ref={field} className={s.search} type="search" aria-label="Search canvases" placeholder="Search canvases" value={search} onChange={setSearch}
          prefix={<Icon name="search" size={14} />} suffix={<Key>/</Key>}
        />
        <AccountMenu user={user} />
        <Button variant="filled" icon="plus" onClick={() => void newCanvas()}>New canvas</Button>
      </header>
      <main className={s.main}>
        {tab === "canvases" && !search && <Templates templates={templates as unknown as Template[]} />}
        <Tabs
          value={tab} onChange={setTab}
          tabs={[
            { id: "canvases", label: "Canvases", content: <Listing search={search} bin={false} /> },
            { id: "bin", label: "Bin", content: <Listing search={search} bin /> },
          ]}
        />
      </main>
      <ToastRegion />
    </div>
  );
}
