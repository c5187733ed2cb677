/** How much fits on the screen. Everything is sized by the root's font size. */
export type Density = "comfortable" | "compact";

const key = "winnow-density";

export function storedDensity(): Density {
  try {
    return localStorage.getItem(key) === "compact" ? "compact" : "comfortable";
  } catch {
    // Storage may be closed to the page.
    return "comfortable";
  }
}

/** Sets the density of the page, now and for later visits. */
export function applyDensity(density: Density): void {
  document.documentElement.style.setProperty("--winnow-density", density === "compact" ? "0.875" : "1");
  try {
    if (density === "compact") localStorage.setItem(key, density);
    else localStorage.removeItem(key);
  } catch {
    // It counts until the page is left.
  }
}
