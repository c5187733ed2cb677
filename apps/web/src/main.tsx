import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./page.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { applyDensity, storedDensity } from "./preferences/density.ts";

applyDensity(storedDensity());

const root = document.getElementById("app");
if (root)
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
