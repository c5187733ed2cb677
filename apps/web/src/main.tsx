import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./page.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { applyDensity, storedDensity } from "./preferences/density.ts";

const reloadedKey = "winnow:reloaded-at";

applyDensity(storedDensity());

// The server was updated while the page was open, so that its other parts are called differently now: the new page knows how.
window.addEventListener("vite:preloadError", (event) => {
  const reloadedAt = Number(sessionStorage.getItem(reloadedKey) ?? 0);
  if (Date.now() - reloadedAt < 60_000) return;
  event.preventDefault();
  sessionStorage.setItem(reloadedKey, String(Date.now()));
  window.location.reload();
});

const root = document.getElementById("app");
if (root)
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
