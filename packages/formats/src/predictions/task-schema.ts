/** Prediction tasks: which there are, what kind each is, and its categories. */
import { type JsonField, parseJson } from "../side-files/json-field.ts";
import { staysBelow } from "../side-files/paths.ts";
import { PredictionFileError, orError } from "../side-files/side-file-error.ts";

/** Kinds of tasks by the name that files give them. */
export const TASK_TYPES = {
  classification: "CLASSIFICATION",
  "object-detection": "OBJECT_DETECTION",
  "semantic-segmentation": "SEMANTIC_SEGMENTATION",
  "instance-segmentation": "INSTANCE_SEGMENTATION",
  "keypoint-detection": "KEYPOINT_DETECTION",
} as const;

export type PredictionTaskType = (typeof TASK_TYPES)[keyof typeof TASK_TYPES];

export interface PredictionCategory {
  readonly id: number;
  readonly name: string;
}

export interface PredictionTask {
  readonly name: string;
  readonly type: PredictionTaskType;
  /** In ascending order of their ids: the order of probabilities. */
  readonly categories: readonly PredictionCategory[];
}

export const CATEGORIES_MAX = 100_000;
const TASKS_MAX = 10_000;

/** What a task may be called: a part of paths and of addresses. */
const taskName = /^[a-zA-Z0-9_+=,.@:/-]{1,255}$/;

export function isTaskName(name: string): boolean {
  return taskName.test(name) && staysBelow(name);
}

/** A kind of task in any spelling: `object-detection`, `object_detection`, `OBJECT_DETECTION`, `Object Detection`. */
export function taskTypeOf(text: string): PredictionTaskType | undefined {
  const spelled = text.trim().toLowerCase().replaceAll(/[\s_]+/g, "-");
  return Object.hasOwn(TASK_TYPES, spelled) ? TASK_TYPES[spelled as keyof typeof TASK_TYPES] : undefined;
}

/** Reads `tasks.json`: the names of the tasks that count. */
export function readTaskList(text: string, file: string): string[] | PredictionFileError {
  return orError(PredictionFileError, file, () => {
    const names = new Set<string>();
    for (const field of parseJson(text, failing(file)).list(TASKS_MAX)) {
      const name = requireTaskName(field);
      if (names.has(name)) field.refuse("a name that isn't in the list already");
      names.add(name);
    }
    return [...names];
  });
}

/** Reads the `schema.json` of a task. @param name the task's, which the file doesn't hold */
export function readTaskSchema(text: string, { file, name }: { readonly file: string; readonly name: string }): PredictionTask | PredictionFileError {
  return orError(PredictionFileError, file, () => {
    const root = parseJson(text, failing(file));
    const type: JsonField = root.get("task_type");
    const found = taskTypeOf(type.text(100));
    if (found === undefined) type.refuse(`one of ${Object.keys(TASK_TYPES).join(", ")}`);
    return { name, type: found, categories: checkedCategories(root.get("categories")) };
  });
}

/** Categories with ids and names that are each unique, in ascending order of ids. @throws PredictionFileError */
export function checkedCategories(field: JsonField): PredictionCategory[] {
  const ids = new Set<number>();
  const names = new Set<string>();
  const categories = field.list(CATEGORIES_MAX).map((entry) => {
    const id = entry.get("id").integer(0);
    const name = entry.get("name").text();
    if (ids.has(id)) entry.get("id").refuse("an id that no other category has");
    if (names.has(name)) entry.get("name").refuse("a name that no other category has");
    ids.add(id);
    names.add(name);
    return { id, name };
  });
  if (categories.length === 0) field.refuse("a list with at least one category");
  return categories.sort((a, b) => a.id - b.id);
}

/** Text of a task's `schema.json`. */
export function taskSchemaText({ type, categories }: PredictionTask): string {
  const spelled = Object.entries(TASK_TYPES).find(([, value]) => value === type)![0];
  return `${JSON.stringify({ task_type: spelled, categories: categories.map(({ id, name }) => ({ id, name })) }, undefined, 2)}\n`;
}

/** Text of `tasks.json`, with another task in it. */
export function taskListText(names: readonly string[], added: string): string {
  return `${JSON.stringify(names.includes(added) ? names : [...names, added], undefined, 2)}\n`;
}

export function requireTaskName(field: JsonField): string {
  const name = field.text(255);
  if (!isTaskName(name)) field.refuse("the name of a task: letters, digits and _+=,.@:/-, without empty parts, . or .. between slashes");
  return name;
}

export function failing(file: string) {
  return (field: string, expected: string, got: string) => new PredictionFileError(file, field, expected, got);
}
