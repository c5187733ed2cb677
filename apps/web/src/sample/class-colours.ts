/** Dark enough for white letters. */
const colours = ["#1c66c7", "#b3541e", "#1a7a52", "#a8327f", "#7048c4", "#806400", "#0f7685", "#b92f45", "#4e6b12", "#6b5136"];

/** The colour of a class of a task, the same everywhere. */
export function colourOfClass(task: string, category: number): string {
  let hash = category;
  for (let i = 0; i < task.length; i++) hash = (hash * 31 + task.charCodeAt(i)) >>> 0;
  return colours[hash % colours.length]!;
}
