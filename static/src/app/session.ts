/** The one open canvas of this page: document, edits, results, presence, connection and screen state. */
import { Connection, type ServerMessage } from "../connection/connection";
import { Presence } from "../connection/presence";
import { CanvasDocument } from "../document/document";
import { Edits } from "../document/edits";
import { Undo } from "../document/undo";
import { Results } from "../results/store";
import type { CanvasEvent, KindDeclaration } from "../schema.gen";
import { api, setOpenCanvas } from "./api";
import { type Bootstrap, type Role, atLeast } from "./bootstrap";
import { Ui } from "./ui";

const EVENTS = new Set(["cell_status", "cell_schema", "cell_step", "cell_failed", "diagnostics"]);

export class Session {
  readonly kinds: Record<string, KindDeclaration>;
  readonly doc: CanvasDocument;
  readonly undo: Undo;
  readonly edits: Edits;
  readonly results: Results;
  readonly presence: Presence;
  readonly connection: Connection;
  readonly ui: Ui;
  #role: Role;
  #roleListeners = new Set<() => void>();

  constructor(readonly bootstrap: Bootstrap) {
    const { user, canvas } = bootstrap;
    this.#role = canvas?.role ?? "viewer";
    setOpenCanvas(canvas?.id ?? "");
    this.kinds = Object.fromEntries((bootstrap.kinds ?? []).map((kind) => [kind.name, kind]));
    this.doc = new CanvasDocument();
    this.undo = new Undo(this.doc);
    this.edits = new Edits(this.doc, this.undo, this.kinds, () => this.can("editor"));
    this.results = new Results((ref) => api.get(ref));
    this.ui = new Ui(canvas?.name ?? "");
    this.presence = new Presence(this.doc.doc, { id: user.id, name: user.name, color: user.color ?? "slate" });
    let told: ReadonlySet<string> = this.ui.get().selection;
    this.ui.subscribe(() => {
      const selection = this.ui.get().selection;
      if (selection !== told) this.presence.set({ selection: [...selection] });
      told = selection;
    });
    this.connection = new Connection(this.doc, this.presence, {
      url: (client, epoch) => socketUrl(canvas?.id ?? "", client, epoch),
      canvas: canvas?.id ?? "",
      user: user.id,
      epoch: canvas?.epoch ?? 0,
      canWrite: () => this.can("editor"),
      onMessage: (message) => this.receive(message),
    });
  }

  role(): Role {
    return this.#role;
  }

  can(role: Role): boolean {
    return atLeast(this.#role, role);
  }

  subscribeRole(listener: () => void): () => void {
    this.#roleListeners.add(listener);
    return () => this.#roleListeners.delete(listener);
  }

  receive(message: ServerMessage): void {
    if (EVENTS.has(message.type)) this.results.apply(message as unknown as CanvasEvent);
    else if (message.type === "cells") this.results.replace((message.events ?? []) as CanvasEvent[]);
    else if (message.type === "canvas") this.ui.set({ canvasName: String(message.name ?? "") });
    else if (message.type === "role") this.#setRole(message.role as Role);
    else if (message.type === "welcome") this.#welcome(message);
  }

  #welcome(message: ServerMessage): void {
    this.#setRole(message.role as Role);
    const user = message.user as { id: string | number; name: string; color: string } | undefined;
    if (user) this.presence.setUser({ id: String(user.id), name: user.name, color: user.color });
  }

  #setRole(role: Role): void {
    if (!role || role === this.#role) return;
    const could = this.can("editor");
    this.#role = role;
    if (could && !this.can("editor")) this.ui.toast("You can now only view this canvas");
    if (!could && this.can("editor")) this.ui.toast("You can now edit this canvas");
    for (const listener of [...this.#roleListeners]) listener();
  }
}

function socketUrl(canvas: string, client: number, epoch: number): string {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${location.host}/ws/canvases/${canvas}/?client=${client}&epoch=${epoch}`;
}

/** The open canvas; set once by `openSession` before anything is drawn. */
export let session: Session;

export function openSession(bootstrap: Bootstrap): Session {
  session = new Session(bootstrap);
  return session;
}
