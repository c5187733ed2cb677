/**
 * The engine in a page: an embeddings file in, a map and a selection out. Run it with `npx vite examples/browser` after
 * `npm run build`.
 */
import { matrix, project, selectSamples } from "@winnow/curation";
import { readEmbeddingsCsv } from "@winnow/formats";

const [file, count, method, status, canvas, list] = ["file", "count", "method", "status", "map", "picks"].map((id) => document.getElementById(id));
/** What was read, and its map. */
let read;
/** Only the newest wish counts: what goes on for an older one is stopped. */
let newest = new AbortController();

file.addEventListener("change", () => void run(true));
method.addEventListener("change", () => void run(true));
count.addEventListener("change", () => void run(false));
document.getElementById("form").addEventListener("submit", (event) => event.preventDefault());

async function run(anew) {
  newest.abort();
  newest = new AbortController();
  const { signal } = newest;
  const [chosen] = file.files;
  if (!chosen) return;
  try {
    const began = performance.now();
    if (anew || !read) read = await readAndMap(chosen, signal);
    const nSamples = Math.min(Math.max(1, Math.round(Number(count.value) || 1)), read.names.length);
    const { ordinals, distances, radii } = await selectSamples({ method: "CORESET", size: read.names.length, points: read.points, nSamples, signal });
    draw(read.map, ordinals);
    list.replaceChildren(...Array.from(ordinals, (ordinal, i) => item(`${read.names[ordinal]}${i === 0 ? "" : ` (${distances[i].toFixed(3)})`}`)));
    status.textContent = `${ordinals.length} of ${read.names.length} selected in ${((performance.now() - began) / 1000).toFixed(1)} s; every image lies within ${radii.at(-1).toFixed(3)} of a selected one.`;
  } catch (error) {
    if (!signal.aborted) status.textContent = error.message;
  }
}

async function readAndMap(chosen, signal) {
  status.textContent = "Reading …";
  const { fileNames, rows, width, data } = await readEmbeddingsCsv(bytesOf(chosen.stream()));
  signal.throwIfAborted();
  const points = matrix(rows, width);
  points.data.set(data);
  const map = await project(points, method.value, { signal, onProgress: (done, total) => (status.textContent = `Mapping ${Math.round((100 * done) / total)} % …`) });
  return { names: fileNames, points, map };
}

/** Not every browser can loop over a stream. */
async function* bytesOf(stream) {
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
}

function draw({ data, rows }, ordinals) {
  const context = canvas.getContext("2d");
  const [xs, ys] = [0, 1].map((column) => Array.from({ length: rows }, (_, row) => data[row * 2 + column]));
  const scale = (values, length) => {
    const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    return (value) => 30 + ((value - low) / (high - low || 1)) * (length - 60);
  };
  const [x, y] = [scale(xs, canvas.width), scale(ys, canvas.height)];
  context.clearRect(0, 0, canvas.width, canvas.height);
  const dot = (row, radius, colour) => {
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x(xs[row]), y(ys[row]), radius, 0, 2 * Math.PI);
    context.fill();
  };
  for (let row = 0; row < rows; row++) dot(row, 5, "#8a988f");
  context.textAlign = "center";
  context.font = "600 16px system-ui";
  for (const [i, row] of ordinals.entries()) {
    dot(row, 13, "#2f7d4f");
    context.fillStyle = "#ffffff";
    context.fillText(String(i + 1), x(xs[row]), y(ys[row]) + 6);
  }
}

function item(text) {
  const element = document.createElement("li");
  element.textContent = text;
  return element;
}
