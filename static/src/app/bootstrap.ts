/** What the page was given by the server, read from its one JSON element. */
import type { KindDeclaration } from "../schema.gen";

export type Role = "viewer" | "commenter" | "runner" | "editor" | "manager" | "owner";

export interface BootstrapUser {
  id: string;
  name: string;
  guest: boolean;
  theme: "system" | "light" | "dark";
  color?: string;
}

export interface BootstrapCanvas {
  id: string;
  name: string;
  role: Role;
  epoch: number;
  workspace: string;
}

export interface Bootstrap {
  page: "home" | "canvas";
  user: BootstrapUser;
  canvas?: BootstrapCanvas;
  kinds?: KindDeclaration[];
  /** What stands between written code and this machine: tier A, B, or C for none. */
  sandbox?: { tier: string; words: string; blocked: number; attacks: number };
  templates?: { name: string; title: string; help: string }[];
}

const RANKS: Role[] = ["viewer", "commenter", "runner", "editor", "manager", "owner"];

export function atLeast(role: Role, wanted: Role): boolean {
  return RANKS.indexOf(role) >= RANKS.indexOf(wanted);
}

export function readBootstrap(): Bootstrap {
  const text = document.getElementById("bootstrap")?.textContent;
  if (!text) throw new Error("The page came without its data element");
  return JSON.parse(text) as Bootstrap;
}
