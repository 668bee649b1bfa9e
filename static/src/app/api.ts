/** HTTP calls to the server: JSON in and out, the CSRF header, and typed errors. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export interface Page {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  offset: number;
  total: number | null;
}

function csrf(): string {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}

async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrf();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const request: RequestInit = { method, headers, credentials: "same-origin" };
  if (body !== undefined) request.body = JSON.stringify(body);
  if (signal) request.signal = signal;
  const response = await fetch(path.startsWith("/") ? path : `/api/${path}`, request).catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError(0, "offline", "The server cannot be reached. Try again when you are online.");
  });
  return read<T>(response.status, await response.text());
}

function read<T>(status: number, text: string): T {
  let data: unknown;
  try {
    data = text ? JSON.parse(text) : undefined;
  } catch {
    data = undefined;
  }
  if (status >= 200 && status < 300) return data as T;
  const error = (data as { error?: { code?: string; message?: string } } | undefined)?.error;
  throw new ApiError(status, error?.code ?? `http_${status}`, error?.message ?? `The server answered ${status}. Try again.`);
}

export const api = {
  get: <T>(path: string, signal?: AbortSignal) => call<T>("GET", path, undefined, signal),
  post: <T>(path: string, body: unknown = {}) => call<T>("POST", path, body),
  patch: <T>(path: string, body: unknown) => call<T>("PATCH", path, body),
  put: <T>(path: string, body: unknown) => call<T>("PUT", path, body),
  delete: <T>(path: string) => call<T>("DELETE", path),
};

export interface Uploaded {
  upload: string;
  name: string;
  size: number;
}

/** Sends a file's bytes as they are, with progress 0..1; XMLHttpRequest because fetch tells no upload progress. */
export function upload(canvas: string, file: Blob, name: string, progress: (share: number) => void): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/canvases/${canvas}/uploads?name=${encodeURIComponent(name)}`);
    request.setRequestHeader("X-CSRFToken", csrf());
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onerror = () => reject(new ApiError(0, "offline", "The upload was cut off. Drop the file again."));
    request.onload = () => {
      try {
        resolve(read<Uploaded>(request.status, request.responseText));
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    request.send(file);
  });
}

/** A file the server makes, as a blob; typed errors as of any call. */
export async function fetchFile(path: string): Promise<Blob> {
  const response = await fetch(`/api/${path}`, { credentials: "same-origin" }).catch(() => {
    throw new ApiError(0, "offline", "The server cannot be reached. Try again when you are online.");
  });
  return response.ok ? response.blob() : read<Blob>(response.status, await response.text());
}

let openCanvas = "";

/** Names the canvas that `fetchPage` and `canvasPath` speak of. */
export function setOpenCanvas(id: string): void {
  openCanvas = id;
}

export function canvasPath(rest = ""): string {
  return `canvases/${openCanvas}${rest ? `/${rest}` : ""}`;
}

/** Page k (200 rows) of a cell's table. */
export function fetchPage(cell: string, fingerprint: string, k: number, signal?: AbortSignal): Promise<Page> {
  return api.get<Page>(canvasPath(`cells/${cell}/pages/${k}?fingerprint=${encodeURIComponent(fingerprint)}`), signal);
}
