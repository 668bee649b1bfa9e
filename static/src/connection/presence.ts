/** Who else is here and what they point at, over Yjs awareness; sends at most twenty times a second. */
import * as awarenessProtocol from "y-protocols/awareness";
import type * as Y from "yjs";

export interface PresenceUser {
  id: string;
  name: string;
  color: string;
}

export interface PresenceState {
  user: PresenceUser;
  cursor: [number, number] | null;
  selection: string[];
  drag: Record<string, [number, number]> | null;
  editing: string | null;
  viewport: [number, number, number] | null;
  /** Where they write: positions relative to the text of a cell. */
  caret?: { cell: string; anchor: unknown; head: unknown } | null;
}

export interface Peer extends PresenceState {
  client: number;
}

const SEND_EVERY = 50;
const RENEW_EVERY = 15_000;
/** The server says who left; this only catches a farewell that got lost. A tab in the background wakes once a minute. */
const FORGET_AFTER = 150_000;

export class Presence {
  readonly awareness: awarenessProtocol.Awareness;
  #send: ((payload: Uint8Array) => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #renewal: ReturnType<typeof setInterval>;
  #sentAt = 0;
  #waiting: Partial<PresenceState> = {};
  #peers: readonly Peer[] = [];
  #still = "";
  #moving = new Set<() => void>();
  #slow = new Set<() => void>();

  constructor(doc: Y.Doc, user: PresenceUser) {
    this.awareness = new awarenessProtocol.Awareness(doc);
    // Its own check forgets people after 30 s of silence, though a background tab may stay silent for longer.
    clearInterval(this.awareness._checkInterval as ReturnType<typeof setInterval>);
    this.#renewal = setInterval(() => this.#renew(), RENEW_EVERY);
    this.awareness.setLocalState({ user, cursor: null, selection: [], drag: null, editing: null, viewport: null });
    this.awareness.on("change", () => this.#changed());
    this.awareness.on("update", (change: Record<"added" | "updated" | "removed", number[]>, origin: unknown) => {
      const mine = [...change.added, ...change.updated, ...change.removed].includes(this.awareness.clientID);
      if (mine && origin !== this) this.#broadcast();
    });
  }

  /** Everyone else, the same array until someone moves. */
  peers(): readonly Peer[] {
    return this.#peers;
  }

  /** Where we write, as last set. */
  caret(): PresenceState["caret"] {
    return "caret" in this.#waiting ? this.#waiting.caret : (this.awareness.getLocalState() as PresenceState | null)?.caret;
  }

  set(change: Partial<PresenceState>): void {
    this.#waiting = { ...this.#waiting, ...change };
    if (this.#timer !== undefined) return;
    const wait = Math.max(0, SEND_EVERY - (performance.now() - this.#sentAt));
    this.#timer = setTimeout(() => this.#flush(), wait);
  }

  setUser(user: PresenceUser): void {
    this.set({ user });
  }

  attach(send: (payload: Uint8Array) => void): void {
    this.#send = send;
    // The server's farewell for our last socket took the next clock; only a later one is heard.
    const own = this.awareness.meta.get(this.awareness.clientID);
    if (own) own.clock += 2;
    this.#broadcast();
  }

  detach(): void {
    this.#send = undefined;
    this.#forget([...this.awareness.getStates().keys()]);
  }

  receive(payload: Uint8Array): void {
    awarenessProtocol.applyAwarenessUpdate(this.awareness, payload, this);
  }

  /** The server took this client id for someone else's: carry on under a new one. */
  renumber(client: number): void {
    const state = this.awareness.getLocalState();
    awarenessProtocol.removeAwarenessStates(this.awareness, [this.awareness.clientID], this);
    this.awareness.clientID = client;
    this.awareness.setLocalState(state);
  }

  /** Called on every movement of anybody. */
  onMove(listener: () => void): () => void {
    this.#moving.add(listener);
    return () => this.#moving.delete(listener);
  }

  /** Called when people come, go, select, drag or edit; not on cursor movement. */
  subscribe(listener: () => void): () => void {
    this.#slow.add(listener);
    return () => this.#slow.delete(listener);
  }

  destroy(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#renewal);
    this.awareness.destroy();
  }

  /** Their clocks go too: on the next connection they may come back with the same one. */
  #forget(clients: number[]): void {
    const others = clients.filter((id) => id !== this.awareness.clientID);
    awarenessProtocol.removeAwarenessStates(this.awareness, others, this);
    for (const id of others) this.awareness.meta.delete(id);
  }

  #renew(): void {
    this.awareness.setLocalState(this.awareness.getLocalState());
    const old = Date.now() - FORGET_AFTER;
    this.#forget([...this.awareness.getStates().keys()].filter((id) => (this.awareness.meta.get(id)?.lastUpdated ?? 0) < old));
  }

  #flush(): void {
    this.#timer = undefined;
    this.#sentAt = performance.now();
    const state = this.awareness.getLocalState() ?? {};
    this.awareness.setLocalState({ ...state, ...this.#waiting });
    this.#waiting = {};
  }

  #broadcast(): void {
    this.#send?.(awarenessProtocol.encodeAwarenessUpdate(this.awareness, [this.awareness.clientID]));
  }

  #changed(): void {
    const peers: Peer[] = [];
    for (const [client, state] of this.awareness.getStates()) {
      const peer = client === this.awareness.clientID ? undefined : readPeer(client, state);
      if (peer) peers.push(peer);
    }
    this.#peers = peers;
    for (const listener of [...this.#moving]) listener();
    const still = JSON.stringify(peers.map(({ client, user, selection, editing }) => [client, user, selection, editing]));
    if (still === this.#still) return;
    this.#still = still;
    for (const listener of [...this.#slow]) listener();
  }
}

function readPeer(client: number, state: Record<string, unknown>): Peer | undefined {
  const user = state.user as Partial<PresenceUser> | undefined;
  if (!user || typeof user.name !== "string") return undefined;
  const { cursor, selection, drag, editing, viewport, caret } = state;
  return {
    client,
    user: { id: String(user.id ?? client), name: user.name, color: String(user.color ?? "slate") },
    cursor: isNumbers(cursor, 2) ? (cursor as [number, number]) : null,
    selection: Array.isArray(selection) ? selection.filter((id): id is string => typeof id === "string") : [],
    drag: readDrag(drag),
    editing: typeof editing === "string" ? editing : null,
    viewport: isNumbers(viewport, 3) ? (viewport as [number, number, number]) : null,
    caret: readCaret(caret),
  };
}

function readCaret(caret: unknown): PresenceState["caret"] {
  if (typeof caret !== "object" || caret === null) return null;
  const { cell, anchor, head } = caret as Record<string, unknown>;
  return typeof cell === "string" ? { cell, anchor, head } : null;
}

function readDrag(drag: unknown): Record<string, [number, number]> | null {
  if (typeof drag !== "object" || drag === null) return null;
  const entries = Object.entries(drag).filter(([, at]) => isNumbers(at, 2));
  return entries.length ? (Object.fromEntries(entries) as Record<string, [number, number]>) : null;
}

function isNumbers(value: unknown, length: number): boolean {
  return Array.isArray(value) && value.length === length && value.every((each) => Number.isFinite(each));
}
