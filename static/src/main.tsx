/** Starts the page the server asked for: home, or one open canvas. */
import { CSPProvider } from "@base-ui/react/csp-provider";
import "./theme/base.css";
import { createRoot } from "react-dom/client";
import { readBootstrap } from "./app/bootstrap";
import { openSession } from "./app/session";

async function start(): Promise<void> {
  const host = document.getElementById("app");
  if (!host) throw new Error("The page has no place for the app");
  const bootstrap = readBootstrap();
  document.documentElement.dataset.theme = bootstrap.user.theme;
  const session = openSession(bootstrap);
  const root = createRoot(host);
  if (bootstrap.page === "home") {
    const { Home } = await import("./home/Home");
    root.render(<CSPProvider disableStyleElements><Home /></CSPProvider>);
    return;
  }
  const page = import("./app/CanvasPage");
  await session.connection.start();
  await session.connection.firstState();
  const { CanvasPage } = await page;
  root.render(<CSPProvider disableStyleElements><CanvasPage /></CSPProvider>);
}

void start();
