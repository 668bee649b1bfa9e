/** The one socket of a page: sync, presence, events, acknowledgements, and coming back after a cut. */
import { IndexeddbPersistence } from "y-indexeddb";
import * as Y from "yjs";
import type { CanvasDocument } from "../document/document";
import { STEP_1, STEP_2, UPDATE, awarenessFrame, isEmptyUpdate, readFrame, syncFrame } from "./frames";
import type { Presence } from "./presence";
import { retryDelay } from "./retry";
import { type ConnectionStatus, type Ended, endedBy } from "./status";

export interface ServerMessage {
  type: string;
  [key: string]: unknown;
}

export interface ConnectionOptions {
  url: (client: number, epoch: number) => string;
  canvas: string;
  user: string;
  epoch: number;
  canWrite: () => boolean;
  onMessage: (message: ServerMessage) => void;
  Socket?: typeof WebSocket;
  storage?: boolean;
}

const SILENCE_LIMIT = 40_000;
/** An edit is acknowledged in milliseconds; a socket that leaves it unanswered this long is dead, whatever it says. */
const UNANSWERED_LIMIT = 10_000;
const STORAGE_LIMIT = 1_500;
const FIRST_STATE_LIMIT = 3_000;
const FIRST_STATE_LOCAL = 400;

export class Connection {
  #socket: WebSocket | undefined;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watchdog: ReturnType<typeof setInterval> | undefined;
  #heardAt = 0;
  #askedAt = 0;
  #sent = 0;
  #acked = 0;
  #unsent = 0;
  #welcomed = false;
  #refusals = 0;
  #closed = false;
  #storage: IndexeddbPersistence | undefined;
  #status: ConnectionStatus = { state: "connecting", pending: 0, savedAt: null };
  #ended: Ended | undefined;
  #listeners = new Set<() => void>();
  #firstSync: () => void = () => undefined;
  readonly #synced = new Promise<void>((resolve) => (this.#firstSync = resolve));

  constructor(
    readonly document: CanvasDocument,
    readonly presence: Presence,
    readonly options: ConnectionOptions,
  ) {
    document.doc.on("update", this.#onUpdate);
  }

  async start(): Promise<void> {
    if (this.options.storage !== false && "indexedDB" in globalThis) await this.#restore();
    if (this.#closed) return;
    globalThis.addEventListener?.("online", this.#retryNow);
    globalThis.addEventListener?.("offline", this.#cut);
    globalThis.addEventListener?.("beforeunload", this.#beforeUnload);
    globalThis.document?.addEventListener("visibilitychange", this.#retryNow);
    this.#watchdog = setInterval(() => this.#watch(), 5_000);
    this.#open();
  }

  /** Resolves once the document is here: from the server, or from this browser when the server is away. */
  firstState(): Promise<void> {
    const late = this.document.cells.size > 0 ? FIRST_STATE_LOCAL : FIRST_STATE_LIMIT;
    return Promise.race([this.#synced, new Promise<void>((resolve) => setTimeout(resolve, late))]);
  }

  status(): ConnectionStatus {
    return this.#status;
  }

  ended(): Ended | undefined {
    return this.#ended;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stop(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#watchdog);
    this.document.doc.off("update", this.#onUpdate);
    globalThis.removeEventListener?.("online", this.#retryNow);
    globalThis.removeEventListener?.("offline", this.#cut);
    globalThis.removeEventListener?.("beforeunload", this.#beforeUnload);
    globalThis.document?.removeEventListener("visibilitychange", this.#retryNow);
    this.#socket?.close();
    void this.#storage?.destroy();
  }

  async #restore(): Promise<void> {
    const { user, canvas, epoch } = this.options;
    this.#storage = new IndexeddbPersistence(`inkling:${user}:${canvas}:${epoch}`, this.document.doc);
    const waited = new Promise((resolve) => setTimeout(resolve, STORAGE_LIMIT));
    await Promise.race([this.#storage.whenSynced.catch(() => undefined), waited]);
  }

  #open(): void {
    clearTimeout(this.#timer);
    if (this.#closed || this.#ended || this.#socket) return;
    const Socket = this.options.Socket ?? WebSocket;
    const socket = new Socket(this.options.url(this.document.doc.clientID, this.options.epoch));
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#heardAt = Date.now();
    this.#welcomed = false;
    this.#sent = this.#acked = 0;
    socket.onmessage = (event) => this.#receive(socket, event.data);
    socket.onclose = (event) => this.#onClose(socket, event.code);
    this.#tell();
  }

  #receive(socket: WebSocket, data: unknown): void {
    if (socket !== this.#socket || !(data instanceof ArrayBuffer)) return;
    this.#heardAt = Date.now();
    const frame = readFrame(new Uint8Array(data));
    if (frame?.type === "sync") this.#sync(frame.step, frame.payload);
    else if (frame?.type === "awareness") this.presence.receive(frame.payload);
    else if (frame?.type === "ack") this.#ack(frame.count);
    else if (frame?.type === "json") this.#message(frame.value as ServerMessage);
  }

  #message(message: ServerMessage): void {
    if (message.type === "welcome") {
      this.#welcomed = true;
      this.#attempt = 0;
      this.#refusals = 0;
      this.options.onMessage(message);
      this.#transmit(syncFrame(STEP_1, Y.encodeStateVector(this.document.doc)));
      this.presence.attach((payload) => this.#transmit(awarenessFrame(payload)));
      this.#tell();
    } else {
      this.options.onMessage(message);
    }
  }

  /** Their step 1 asks for what the server lacks; our step 2 is where edits made while away are sent. */
  #sync(step: number, payload: Uint8Array): void {
    if (step === STEP_1) {
      if (!this.options.canWrite()) return;
      const missing = Y.encodeStateAsUpdate(this.document.doc, payload);
      if (!isEmptyUpdate(missing)) this.#sendDurable(STEP_2, missing);
      else this.#transmit(syncFrame(STEP_2, missing));
      this.#unsent = 0;
      this.#tell();
    } else if (step === STEP_2 || step === UPDATE) {
      Y.applyUpdate(this.document.doc, payload, this);
      if (step === STEP_2) this.#firstSync();
    }
  }

  readonly #onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin === this || origin === this.#storage) return;
    if (this.#socket?.readyState === 1 && this.#welcomed) this.#sendDurable(UPDATE, update);
    else this.#unsent += 1;
    this.#tell();
  };

  #sendDurable(step: number, update: Uint8Array): void {
    if (this.#sent === this.#acked) this.#askedAt = Date.now();
    this.#sent += 1;
    this.#transmit(syncFrame(step, update));
  }

  #transmit(frame: Uint8Array): void {
    if (this.#socket?.readyState === 1) this.#socket.send(frame as Uint8Array<ArrayBuffer>);
  }

  #ack(count: number): void {
    this.#acked = Math.max(this.#acked, count);
    this.#tell();
  }

  #onClose(socket: WebSocket, code: number): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    this.#unsent += this.#sent - this.#acked;
    this.#sent = this.#acked = 0;
    this.#welcomed = false;
    this.presence.detach();
    this.#ended = endedBy(code);
    if (code === 4009) this.#otherClient();
    if (!this.#ended && !this.#closed) {
      this.#timer = setTimeout(() => this.#open(), retryDelay(this.#attempt));
      this.#attempt += 1;
    }
    this.#tell();
  }

  /** First a new client id; if that is refused too, the document was replaced and the page starts afresh. */
  #otherClient(): void {
    this.#refusals += 1;
    if (this.#refusals > 1) {
      this.#ended = { code: 4009, title: "This canvas was replaced", text: "Reload to open the current one.", action: "reload" };
      return;
    }
    const client = crypto.getRandomValues(new Uint32Array(1))[0] ?? 1;
    this.document.doc.clientID = client;
    this.presence.renumber(client);
  }

  readonly #retryNow = (): void => {
    if (globalThis.document?.visibilityState === "hidden" || this.#socket) return;
    this.#open();
  };

  readonly #beforeUnload = (event: BeforeUnloadEvent): void => {
    if (this.#status.pending > 0) event.preventDefault();
  };

  #watch(): void {
    const now = Date.now();
    const unanswered = this.#sent > this.#acked && now - Math.max(this.#askedAt, this.#heardAt) >= UNANSWERED_LIMIT;
    if (unanswered || now - this.#heardAt >= SILENCE_LIMIT) this.#cut();
  }

  /** Give this socket up and open another: a network that went may leave it half open for minutes. */
  readonly #cut = (): void => {
    const socket = this.#socket;
    if (!socket) return;
    socket.close();
    this.#onClose(socket, 1006);
  };

  #tell(): void {
    const pending = this.#sent - this.#acked + this.#unsent;
    const online = this.#socket?.readyState === 1 && this.#welcomed;
    const first = this.#status.state === "connecting" && this.#attempt === 0;
    const state = online ? (pending > 0 ? "saving" : "saved") : first ? "connecting" : "offline";
    if (state === this.#status.state && pending === this.#status.pending) return;
    const savedAt = state === "saved" && this.#status.state !== "saved" ? Date.now() : this.#status.savedAt;
    this.#status = { state, pending, savedAt };
    for (const listener of [...this.#listeners]) listener();
  }
}
