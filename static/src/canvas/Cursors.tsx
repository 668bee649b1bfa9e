/** Peers' cursors, drawn outside React and glided between the positions that arrive twenty times a second. */
import { useStoreApi } from "@xyflow/react";
import { useEffect, useRef } from "react";
import { session } from "../app/session";
import type { Peer } from "../connection/presence";
import s from "./surface.module.css";

const FOLD_AFTER = 4_000;
const GONE_AFTER = 60_000;
const GLIDE = 0.35;

interface Drawn {
  element: HTMLElement;
  at: [number, number];
  to: [number, number];
  movedAt: number;
}

function create(host: HTMLElement, peer: Peer): Drawn {
  const element = document.createElement("div");
  element.className = s.cursor ?? "";
  element.dataset.peer = peer.user.name;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 18");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M1 1l13 6.2-5.6 1.9-2.6 5.9z");
  svg.append(path);
  const name = document.createElement("span");
  name.textContent = peer.user.name;
  element.append(svg, name);
  host.append(element);
  const at = peer.cursor ?? [0, 0];
  return { element, at: [...at], to: [...at], movedAt: performance.now() };
}

class CursorLayer {
  #drawn = new Map<number, Drawn>();
  #frame = 0;

  constructor(readonly host: HTMLElement, readonly transform: () => readonly [number, number, number]) {}

  update = (): void => {
    const now = performance.now();
    const here = new Set<number>();
    for (const peer of session.presence.peers()) {
      if (!peer.cursor) continue;
      here.add(peer.client);
      const drawn = this.#drawn.get(peer.client) ?? create(this.host, peer);
      this.#drawn.set(peer.client, drawn);
      drawn.element.style.setProperty("--peer", `var(--peer-${peer.user.color})`);
      const label = drawn.element.lastElementChild;
      if (label && label.textContent !== peer.user.name) label.textContent = peer.user.name;
      if (drawn.to[0] !== peer.cursor[0] || drawn.to[1] !== peer.cursor[1]) {
        drawn.to = [...peer.cursor];
        drawn.movedAt = now;
      }
    }
    for (const [client, drawn] of this.#drawn) {
      if (here.has(client)) continue;
      drawn.element.remove();
      this.#drawn.delete(client);
    }
    this.ask();
  };

  ask = (): void => {
    this.#frame ||= requestAnimationFrame(this.#step);
  };

  stop(): void {
    cancelAnimationFrame(this.#frame);
    for (const { element } of this.#drawn.values()) element.remove();
  }

  /** Folds names of cursors at rest and hides those that left off. */
  age = (): void => {
    const now = performance.now();
    for (const { element, movedAt } of this.#drawn.values()) {
      element.dataset.still = String(now - movedAt > FOLD_AFTER);
      element.hidden = now - movedAt > GONE_AFTER;
    }
  };

  readonly #step = (): void => {
    this.#frame = 0;
    const [x, y, zoom] = this.transform();
    let gliding = false;
    for (const { element, at, to } of this.#drawn.values()) {
      at[0] += (to[0] - at[0]) * GLIDE;
      at[1] += (to[1] - at[1]) * GLIDE;
      gliding ||= Math.abs(to[0] - at[0]) + Math.abs(to[1] - at[1]) > 0.5;
      element.style.transform = `translate(${at[0] * zoom + x}px, ${at[1] * zoom + y}px)`;
    }
    this.age();
    if (gliding) this.ask();
  };
}

export function Cursors() {
  const host = useRef<HTMLDivElement>(null);
  const store = useStoreApi();
  useEffect(() => {
    if (!host.current) return undefined;
    const layer = new CursorLayer(host.current, () => store.getState().transform);
    const stops = [session.presence.onMove(layer.update), store.subscribe(layer.ask)];
    const ageing = setInterval(layer.age, 1_000);
    layer.update();
    return () => {
      clearInterval(ageing);
      stops.forEach((stop) => stop());
      layer.stop();
    };
  }, [store]);
  return <div ref={host} className={s.cursors} aria-hidden />;
}
