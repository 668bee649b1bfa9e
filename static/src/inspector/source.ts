/** What a data cell may read: the samples that come with the program, and an upload into the same cell. */
import { useEffect, useState } from "react";
import { ApiError, api, upload } from "../app/api";
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

export interface Sample {
  name: string;
  title: string;
  about?: string;
  rows?: number;
}

export function useSamples(): Sample[] {
  const [samples, setSamples] = useState<Sample[]>([]);
  useEffect(() => {
    const abort = new AbortController();
    api.get<Sample[]>("samples", abort.signal).then(setSamples, () => undefined);
    return () => abort.abort();
  }, []);
  return samples;
}
