/** What a person is told about saving: saved, saving, offline with n changes kept, or why the page is closed. */
export interface ConnectionStatus {
  state: "saved" | "saving" | "offline" | "connecting";
  pending: number;
  savedAt: number | null;
}

export interface Ended {
  code: number;
  title: string;
  text: string;
  action: "sign-in" | "home" | "reload";
}

const ENDINGS: Record<number, Omit<Ended, "code">> = {
  4401: { title: "Sign in to go on", text: "Your session has ended. Changes on this page are kept in this browser.", action: "sign-in" },
  4403: { title: "You no longer have access", text: "The owner of this canvas changed who may open it. Ask them for a new link.", action: "home" },
  4003: { title: "This change was not accepted", text: "Your role does not allow it. Reload to see the canvas as it is.", action: "reload" },
  1007: { title: "This page is out of step", text: "The server could not read what this page sent. Reload to go on.", action: "reload" },
};

export function endedBy(code: number): Ended | undefined {
  const ending = ENDINGS[code];
  return ending && { code, ...ending };
}
