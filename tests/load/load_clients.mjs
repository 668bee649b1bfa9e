/** Real Yjs clients over real sockets: edit, measure what others see and when it is durable, survive kills, compare at the end. */
import { createRequire } from "node:module";
import { createHash } from "node:crypto";

const require = createRequire(new URL("../../static/package.json", import.meta.url));
const Y = require("yjs");
const WebSocket = require("ws");
const encoding = require("lib0/encoding");
const decoding = require("lib0/decoding");

const options = JSON.parse(process.argv[2]);
const [SYNC, AWARENESS, JSON_FRAME, ACK] = [0, 1, 100, 101];
const sentAt = new Map();
const seen = [];
const acks = [];
let frames = 0;
let sequence = 0;

const quantile = (list, q) => (list.length ? list.sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * q))] : null);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const randomId = () => createHash("sha1").update(`${Math.random()}${sequence++}`).digest("base64url").slice(0, 20);
const pick = (list) => list[Math.floor(Math.random() * list.length)];

class Client {
  constructor(index, cookie) {
    this.index = index;
    this.cookie = cookie;
    this.doc = new Y.Doc();
    this.cells = this.doc.getMap("cells");
    this.edges = this.doc.getMap("edges");
    this.own = [];
    this.ledger = [];
    this.unsent = [];
    this.durable = new Set();
    this.closes = [];
    this.edits = 0;
    this.doc.on("update", (update, origin, doc, transaction) => {
      if (origin === this) return;
      const clock = transaction.beforeState.get(doc.clientID) ?? 0;
      if (transaction.afterState.get(doc.clientID) > clock) sentAt.set(`${doc.clientID}:${clock}`, performance.now());
      if (this.live) this.transmit(2, update, [this.current]);
      else this.unsent.push(this.current);
    });
  }

  connect() {
    this.live = false;
    const url = `ws://127.0.0.1:${options.port}/ws/canvases/${options.canvas}/?client=${this.doc.clientID}&epoch=1`;
    const socket = new WebSocket(url, { headers: { Cookie: this.cookie, Origin: `http://127.0.0.1:${options.port}` }, perMessageDeflate: false });
    socket.binaryType = "nodebuffer";
    this.socket = socket;
    this.ready = new Promise((resolve) => (this.onReady = resolve));
    socket.on("message", (data) => this.receive(data));
    socket.on("error", () => {});
    socket.on("close", (code) => this.closed(socket, code));
    return this.ready;
  }

  closed(socket, code) {
    if (socket !== this.socket) return;
    this.closes.push(code);
    this.live = false;
    this.unsent = [...this.ledger.flatMap((entry) => entry.ids), ...this.unsent];
    this.ledger = [];
    this.base = 0;
    if (!this.stopped) setTimeout(() => this.connect(), 50 + Math.random() * 250);
  }

  transmit(step, update, ids) {
    this.ledger.push({ ids, at: performance.now() });
    this.frame(step, update);
  }

  frame(step, payload) {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, SYNC);
    encoding.writeVarUint(encoder, step);
    encoding.writeVarUint8Array(encoder, payload);
    this.socket.send(encoding.toUint8Array(encoder));
  }

  present(x, y) {
    const encoder = encoding.createEncoder();
    const body = encoding.createEncoder();
    encoding.writeVarUint(body, 1);
    encoding.writeVarUint(body, this.doc.clientID);
    encoding.writeVarUint(body, (this.clock = (this.clock ?? 0) + 1));
    encoding.writeVarString(body, JSON.stringify({ cursor: [x, y], selection: [] }));
    encoding.writeVarUint(encoder, AWARENESS);
    encoding.writeVarUint8Array(encoder, encoding.toUint8Array(body));
    if (this.live) this.socket.send(encoding.toUint8Array(encoder));
  }

  receive(data) {
    frames += 1;
    const decoder = decoding.createDecoder(data);
    const channel = decoding.readVarUint(decoder);
    if (channel === SYNC) this.sync(decoding.readVarUint(decoder), decoding.readVarUint8Array(decoder));
    else if (channel === ACK) this.ack(decoding.readVarUint(decoder));
    else if (channel === JSON_FRAME) {
      const message = JSON.parse(Buffer.from(data.subarray(decoder.pos)).toString());
      if (message.type === "welcome") this.frame(0, Y.encodeStateVector(this.doc));
    }
  }

  sync(step, payload) {
    if (step === 0) {
      const missing = Y.encodeStateAsUpdate(this.doc, payload);
      this.base = 0;
      if (missing.length > 2) this.transmit(1, missing, this.unsent);
      else this.frame(1, missing);
      this.unsent = [];
      this.live = true;
      return;
    }
    if (step === 2) {
      const now = performance.now();
      for (const struct of Y.decodeUpdate(payload).structs) {
        const at = sentAt.get(`${struct.id.client}:${struct.id.clock}`);
        if (at !== undefined && struct.id.client !== this.doc.clientID) seen.push(now - at);
      }
    }
    Y.applyUpdate(this.doc, payload, this);
    if (step === 1) this.onReady();
  }

  ack(count) {
    const now = performance.now();
    for (; this.base < count; this.base += 1) {
      const entry = this.ledger.shift();
      if (!entry) break;
      acks.push(now - entry.at);
      for (const id of entry.ids) this.durable.add(id);
    }
  }

  /** One edit of a random kind; a mark of it stays in the document so that its loss would be seen. */
  edit() {
    this.edits += 1;
    this.current = `e${this.index}_${this.edits}`;
    this.doc.transact(() => {
      if (this.own.length < 3 || Math.random() < 0.05) this.add();
      const cell = this.cells.get(pick(this.own));
      const dice = Math.random();
      if (options.marks || dice < 0.3) cell.get("params").set(this.current, this.edits);
      else if (dice < 0.6) cell.set("pos", [Math.random() * 1000, Math.random() * 1000]);
      else if (dice < 0.9) cell.get("code").insert(0, "word ");
      else if (dice < 0.95) this.edges.set(randomId(), { from: pick(this.own), fromPort: "table", to: pick(this.own), toPort: "table" });
      else cell.set("title", `Title ${this.edits}`);
    });
  }

  add() {
    const cell = new Y.Map();
    const id = randomId();
    const fields = { kind: "text", pos: [0, 0], size: [420, 280], z: "a0", title: "T", name: `t${this.index}`, params: new Y.Map(), code: new Y.Text("hi") };
    for (const [key, value] of Object.entries(fields)) cell.set(key, value);
    this.cells.set(id, cell);
    this.own.push(id);
  }

  text() {
    const sorted = (value) => (value && typeof value === "object" && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort().map(([k, v]) => [k, sorted(v)])) : value);
    return JSON.stringify([sorted(this.cells.toJSON()), sorted(this.edges.toJSON())]);
  }
}

const clients = Array.from({ length: options.clients }, (_, i) => new Client(i, options.cookies[i % options.cookies.length]));
const until = async (fact, ms) => {
  const end = Date.now() + ms;
  while (!fact() && Date.now() < end) await pause(50);
  return fact();
};

for (const client of clients) client.connect();
await Promise.all(clients.map((client) => client.ready));
console.log(JSON.stringify({ event: "ready" }));
const editors = clients.slice(0, options.editors);
let running = true;
const loops = editors.map(async (client) => {
  await pause(Math.random() * 1000 / options.rate);
  while (running) {
    client.edit();
    await pause((1000 / options.rate) * (0.7 + Math.random() * 0.6));
  }
});
if (options.cursors) loops.push(...clients.map(async (client) => {
  while (running) {
    client.present(Math.random() * 1000, Math.random() * 1000);
    await pause(1000 / options.cursors);
  }
}));
if (options.seconds) await pause(options.seconds * 1000);
else await new Promise((resolve) => process.stdin.once("data", resolve));
running = false;
await Promise.all(loops);
const measured = { seen: [...seen], acks: [...acks], frames };
console.log(JSON.stringify({ event: "measured" }));
const settled = await until(() => clients.every((c) => c.live && c.ledger.length === 0 && c.unsent.length === 0), 30_000);
const fresh = new Client(options.clients, options.cookies[0]);
await fresh.connect();
const same = () => clients.every((c) => c.text() === fresh.text());
const equal = await until(same, 15_000);
const all = fresh.text();
const marks = options.marks ? clients.flatMap((c) => [...c.durable]) : [];
const lost = marks.filter((id) => !all.includes(`"${id}":`));
console.log(JSON.stringify({
  event: "done", settled, equal, edits: editors.reduce((n, c) => n + c.edits, 0), acked: acks.length, frames: measured.frames,
  marks: marks.length, lost: lost.length, unsentLost: options.marks ? editors.flatMap((c) => Array.from({ length: c.edits }, (_, i) => `e${c.index}_${i + 1}`)).filter((id) => !all.includes(`"${id}":`)).length : 0,
  seen: { n: measured.seen.length, p50: quantile(measured.seen, 0.5), p95: quantile(measured.seen, 0.95), p99: quantile(measured.seen, 0.99) },
  ack: { p50: quantile(measured.acks, 0.5), p95: quantile(measured.acks, 0.95) },
  closes: clients.flatMap((c) => c.closes).reduce((o, c) => ({ ...o, [c]: (o[c] ?? 0) + 1 }), {}), cells: fresh.cells.size,
}));
process.exit(0);
