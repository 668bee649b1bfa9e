/** Data in and out: reading sources again, and tables as files. */
import { download, downloadable, refresh, refreshable, type FileForm } from "../app/sources";
import { session } from "../app/session";
import type { Action, ActionContext } from "./action";

const one = ({ selection }: ActionContext) => (selection.size === 1 ? [...selection][0]! : "");

const saving = (form: FileForm, label: string): Action => ({
  id: `download-${form}`, label, group: "Run", icon: "download", when: (c) => downloadable(one(c)), run: (c) => void download(one(c), form),
});

export const actions: Action[] = [
  {
    id: "refresh", label: "Refresh the data", group: "Run", icon: "rotate-cw",
    when: ({ selection }) => session.can("editor") && [...selection].some(refreshable), run: ({ selection }) => refresh(selection),
  },
  saving("csv", "Download as CSV"),
  saving("xlsx", "Download as Excel"),
  saving("parquet", "Download as Parquet"),
];
