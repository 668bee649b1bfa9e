/** What a data cell reads: the words for its source, and a new upload into the same cell. */
import { ApiError, upload } from "../app/api";
import { session } from "../app/session";

/** Sends a file and points the cell at it; the params of reading stay as they are. */
export async function uploadInto(cell: string, param: string, file: File, progress: (share: number) => void): Promise<void> {
  try {
    const done = await upload(session.bootstrap.canvas?.id ?? "", file, file.name, progress);
    session.edits.setParam(cell, param, `upload:${done.upload}`);
  } catch (error) {
    session.ui.toast(error instanceof ApiError ? error.message : `“${file.name}” could not be uploaded. Choose it again.`);
  }
}
