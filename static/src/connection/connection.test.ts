import * as encoding from "lib0/encoding";
import { afterEach, describe, expect, it, vi } from "vitest";
import * as Y from "yjs";
import { CanvasDocument } from "../document/document";
import { Connection, type ServerMessage } from "./connection";
import { ACK, JSON_FRAME, STEP_1, STEP_2, UPDATE, readFrame, syncFrame } from "./frames";
import { Presence } from "./presence";
import { FIRST_DELAY, LAST_DELAY, retryDelay } from "./retry";

class FakeSocket {
  static all: FakeSocket[] = [];
  readyState = 1;
  sent: Uint8Array[] = [];
  onmessage: ((event: { data: ArrayBuffer }) => void) | undefined;
  onclose: ((event: { code: number }) => void) | undefined;
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  send(frame: Uint8Array) {
    this.sent.push(frame);
  }
  close() {
    this.readyState = 3;
  }
  receive(frame: Uint8Array) {
    this.onmessage?.({ data: frame.slice().buffer });
  }
  drop(code: number) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
  durable() {
    return this.sent.map(readFrame).filter((frame) => frame?.type === "sync" && frame.step !== STEP_1);
  }
}

const json = (value: unknown) => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, JSON_FRAME);
  encoding.writeUint8Array(encoder, new TextEncoder().encode(JSON.stringify(value)));
  return encoding.toUint8Array(encoder);
};
const ack = (count: number) => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, ACK);
  encoding.writeVarUint(encoder, count);
  return encoding.toUint8Array(encoder);
};

let opened: Connection | undefined;
async function connect(canWrite = true) {
  FakeSocket.all = [];
  const document = new CanvasDocument();
  const presence = new Presence(document.doc, { id: "1", name: "Mei", color: "coral" });
  const messages: ServerMessage[] = [];
  const connection = new Connection(document, presence, {
    url: (client) => `ws://x/?client=${client}`, canvas: "c", user: "u", epoch: 1, canWrite: () => canWrite, onMessage: (message) => messages.push(message),
    Socket: FakeSocket as unknown as typeof WebSocket, storage: false,
  });
  opened = connection;
  await connection.start();
  const socket = () => FakeSocket.all.at(-1)!;
  socket().receive(json({ type: "welcome", role: "owner" }));
  return { document, connection, socket, messages, presence };
}

const change = (document: CanvasDocument) => document.doc.transact(() => document.meta.set("n", Math.random()), document.local);

afterEach(() => {
  opened?.stop();
  vi.useRealTimers();
});

describe("connection", () => {
  it("gives up a socket that leaves an edit unanswered, and sends the edit on the next", async () => {
    vi.useFakeTimers();
    const { document, connection, socket } = await connect();
    vi.advanceTimersByTime(30_000);
    change(document);
    vi.advanceTimersByTime(6_000);
    expect(FakeSocket.all).toHaveLength(1);
    vi.advanceTimersByTime(10_000);
    expect(connection.status()).toMatchObject({ state: "offline", pending: 1 });
    vi.advanceTimersByTime(LAST_DELAY);
    socket().receive(json({ type: "welcome", role: "owner" }));
    socket().receive(syncFrame(STEP_1, Y.encodeStateVector(new Y.Doc())));
    expect(socket().durable()).toHaveLength(1);
  });

  it("opens another socket when the browser says that the network went", async () => {
    const { connection } = await connect();
    vi.useFakeTimers();
    globalThis.dispatchEvent(new Event("offline"));
    expect(connection.status().state).toBe("offline");
    vi.advanceTimersByTime(FIRST_DELAY);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("is saved only when everything sent is acknowledged", async () => {
    const { document, connection, socket } = await connect();
    expect(connection.status().state).toBe("saved");
    change(document);
    change(document);
    expect(connection.status()).toMatchObject({ state: "saving", pending: 2 });
    socket().receive(ack(1));
    expect(connection.status()).toMatchObject({ state: "saving", pending: 1 });
    socket().receive(ack(2));
    expect(connection.status()).toMatchObject({ state: "saved", pending: 0 });
  });

  it("counts what is kept offline and sends it in one answer after the reconnect", async () => {
    vi.useFakeTimers();
    const { document, connection, socket } = await connect();
    socket().drop(1006);
    change(document);
    change(document);
    expect(connection.status()).toMatchObject({ state: "offline", pending: 2 });
    vi.advanceTimersByTime(LAST_DELAY);
    expect(FakeSocket.all).toHaveLength(2);
    socket().receive(json({ type: "welcome", role: "owner" }));
    socket().receive(syncFrame(STEP_1, Y.encodeStateVector(new Y.Doc())));
    expect(connection.status()).toMatchObject({ state: "saving", pending: 1 });
    socket().receive(ack(1));
    expect(connection.status().state).toBe("saved");
  });

  it("sends no content for a viewer", async () => {
    const { socket, document } = await connect(false);
    change(document);
    const before = socket().sent.length;
    socket().receive(syncFrame(STEP_1, Y.encodeStateVector(new Y.Doc())));
    expect(socket().sent.length).toBe(before);
  });

  it("applies remote updates without sending them back", async () => {
    const { socket, document } = await connect();
    const other = new Y.Doc();
    other.getMap("meta").set("v", 1);
    socket().receive(syncFrame(UPDATE, Y.encodeStateAsUpdate(other)));
    expect(document.meta.get("v")).toBe(1);
    expect(socket().durable()).toHaveLength(0);
    socket().receive(syncFrame(STEP_2, Y.encodeStateAsUpdate(other)));
    expect(socket().durable()).toHaveLength(0);
  });

  it("ends for good when access is gone", async () => {
    vi.useFakeTimers();
    const { connection, socket } = await connect();
    socket().drop(4403);
    vi.advanceTimersByTime(LAST_DELAY * 2);
    expect(connection.ended()?.title).toBe("You no longer have access");
    expect(FakeSocket.all).toHaveLength(1);
  });

  it("takes a new client id when its own was taken, and asks for a reload the second time", async () => {
    vi.useFakeTimers();
    const { connection, socket, document } = await connect();
    const before = document.doc.clientID;
    socket().drop(4009);
    expect(document.doc.clientID).not.toBe(before);
    vi.advanceTimersByTime(LAST_DELAY);
    socket().drop(4009);
    expect(connection.ended()?.action).toBe("reload");
  });
});

describe("retry", () => {
  it("stays between half a second and thirty, with jitter", () => {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      for (const random of [0, 0.5, 1]) {
        const delay = retryDelay(attempt, () => random);
        expect(delay).toBeGreaterThanOrEqual(FIRST_DELAY);
        expect(delay).toBeLessThanOrEqual(LAST_DELAY);
      }
    }
    expect(retryDelay(6, () => 0)).toBeLessThan(retryDelay(6, () => 1));
  });
});

it("shows those present again after a cut, whatever their clocks were", () => {
  const states = (): [Presence, Uint8Array[]] => {
    const presence = new Presence(new Y.Doc(), { id: "u", name: "Mei", color: "coral" });
    return [presence, []];
  };
  const [here, sent] = states();
  const [there] = states();
  here.attach((payload) => sent.push(payload));
  there.receive(sent.at(-1)!);
  expect(there.peers()).toHaveLength(1);
  there.detach();
  expect(there.peers()).toHaveLength(0);
  there.receive(sent.at(-1)!);
  expect(there.peers()).toHaveLength(1);
  // The server's farewell takes the next clock; whoever comes back is heard nevertheless.
  const farewell = here.awareness.meta.get(here.awareness.clientID)!.clock + 1;
  there.awareness.meta.get(here.awareness.clientID)!.clock = farewell;
  there.awareness.states.delete(here.awareness.clientID);
  here.detach();
  here.attach((payload) => sent.push(payload));
  there.receive(sent.at(-1)!);
  expect(there.peers()).toHaveLength(1);
  here.destroy();
  there.destroy();
});
