/** Frames of the canvas socket: sync, awareness, JSON and acknowledgements, each led by a varuint. */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";

export const SYNC = 0;
export const AWARENESS = 1;
export const JSON_FRAME = 100;
export const ACK = 101;

export const STEP_1 = 0;
export const STEP_2 = 1;
export const UPDATE = 2;

export type Frame =
  | { type: "sync"; step: number; payload: Uint8Array }
  | { type: "awareness"; payload: Uint8Array }
  | { type: "json"; value: unknown }
  | { type: "ack"; count: number };

export function readFrame(bytes: Uint8Array): Frame | undefined {
  const decoder = decoding.createDecoder(bytes);
  const type = decoding.readVarUint(decoder);
  if (type === SYNC) {
    const step = decoding.readVarUint(decoder);
    return { type: "sync", step, payload: decoding.readVarUint8Array(decoder) };
  }
  if (type === AWARENESS) return { type: "awareness", payload: decoding.readVarUint8Array(decoder) };
  if (type === ACK) return { type: "ack", count: decoding.readVarUint(decoder) };
  if (type !== JSON_FRAME) return undefined;
  const text = new TextDecoder().decode(decoding.readTailAsUint8Array(decoder));
  return { type: "json", value: JSON.parse(text) };
}

export function syncFrame(step: number, payload: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, SYNC);
  encoding.writeVarUint(encoder, step);
  encoding.writeVarUint8Array(encoder, payload);
  return encoding.toUint8Array(encoder);
}

export function awarenessFrame(payload: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, AWARENESS);
  encoding.writeVarUint8Array(encoder, payload);
  return encoding.toUint8Array(encoder);
}

/** Whether an update says nothing: no structs and no deletes. */
export function isEmptyUpdate(update: Uint8Array): boolean {
  return update.length <= 2 && update.every((byte) => byte === 0);
}
