/** Cells as code to keep: a zip of a script or notebook with the tables it reads. */
import { ApiError, canvasPath, fetchFile } from "./api";
import { session } from "./session";

export type ScriptForm = "py" | "ipynb";

/** Downloads the cells and what feeds them; the whole canvas when none is given. */
export async function downloadScript(form: ScriptForm, cells: readonly string[] = []): Promise<void> {
  session.ui.toast("Writing the code…");
  try {
    const file = await fetchFile(`${canvasPath(`scripts/${form}`)}?cells=${encodeURIComponent(cells.join(","))}`);
    const address = URL.createObjectURL(file);
    const link = document.createElement("a");
    link.href = address;
    link.download = form === "py" ? "canvas-python.zip" : "canvas-notebook.zip";
    link.click();
    URL.revokeObjectURL(address);
    session.ui.toast("Downloaded the code with its data");
  } catch (error) {
    session.ui.toast(error instanceof ApiError ? error.message : "The code could not be written. Try again.");
  }
}
