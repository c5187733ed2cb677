import type { TagData } from "@winnow/contract";

/** A tag in its place below the tag that it was made from. */
export interface TagNode {
  readonly tag: TagData;
  readonly depth: number;
  readonly children: readonly TagNode[];
}

/** Tags as a tree: those without parent at the top, older ones first. A parent that is missing, or a ring of parents, hides no tag. */
export function tagTree(tags: readonly TagData[]): TagNode[] {
  const byParent = new Map<string | null, TagData[]>();
  const known = new Set(tags.map(({ id }) => id));
  const sorted = tags.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  for (const tag of sorted) {
    const wanted = tag.prevTagId ?? null;
    const parent = wanted !== null && known.has(wanted) && wanted !== tag.id ? wanted : null;
    const siblings = byParent.get(parent);
    if (siblings) siblings.push(tag);
    else byParent.set(parent, [tag]);
  }
  const placed = new Set<string>();
  const below = (parent: string | null, depth: number): TagNode[] =>
    (byParent.get(parent) ?? []).flatMap((tag) => {
      if (placed.has(tag.id)) return [];
      placed.add(tag.id);
      return [{ tag, depth, children: below(tag.id, depth + 1) }];
    });
  const roots = below(null, 0);
  for (const tag of sorted) if (!placed.has(tag.id)) roots.push({ tag, depth: 0, children: (placed.add(tag.id), below(tag.id, 1)) });
  return roots;
}

/** The rows that are seen: a tag that is folded shows none of its children. */
export function visibleRows(nodes: readonly TagNode[], folded: ReadonlySet<string>): TagNode[] {
  return nodes.flatMap((node) => [node, ...(folded.has(node.tag.id) ? [] : visibleRows(node.children, folded))]);
}

/** Why a tag can't be deleted, in the words of the server's rules; undefined: it can. */
export function reasonToKeep(tag: TagData, tags: readonly TagData[]): string | undefined {
  if (isInitial(tag, tags)) return "The initial tag says which samples the dataset began with, so it stays.";
  const dependents = dependentsOf(tag, tags);
  if (dependents.length === 0) return undefined;
  const names = dependents.slice(0, 3).map(({ name }) => `“${name}”`);
  const more = dependents.length > 3 ? ` and ${dependents.length - 3} more` : "";
  return `${names.join(", ")}${more} ${dependents.length === 1 ? "was" : "were"} made from this tag. Delete ${dependents.length === 1 ? "it" : "them"} first.`;
}

/** Tags that were made from a tag: below it, or with it as query or preselected tag. */
export function dependentsOf({ id }: TagData, tags: readonly TagData[]): TagData[] {
  return tags.filter((other) => other.id !== id && (other.prevTagId === id || other.queryTagId === id || other.preselectedTagId === id));
}

/** The first tag without parent; later ones without parent are those of later uploads. */
export function isInitial({ id }: TagData, tags: readonly TagData[]): boolean {
  const parentless = tags.filter(({ prevTagId }) => (prevTagId ?? null) === null);
  const initial = parentless.find(({ name }) => name === "initial-tag") ?? parentless.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))[0];
  return initial?.id === id;
}

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9 .:;=@_-]+$/;

/** What is wrong with a tag's name; undefined: nothing. */
export function nameProblem(name: string, tags: readonly TagData[], own?: string): string | undefined {
  if (name.length < 3) return "At least 3 characters.";
  if (name.length > 255) return "At most 255 characters.";
  if (!namePattern.test(name)) return "Letters, digits, blanks and . : ; = @ _ - only, beginning with a letter or digit.";
  if (tags.some((tag) => tag.name === name && tag.id !== own)) return "There is already a tag of this name.";
  return undefined;
}

/** A name that is free: the wanted one, or with a number behind it. */
export function freeName(wanted: string, tags: readonly TagData[]): string {
  const taken = new Set(tags.map(({ name }) => name));
  const clean = wanted.replaceAll(/[^a-zA-Z0-9 .:;=@_-]/g, "-").replace(/^[^a-zA-Z0-9]+/, "").slice(0, 240) || "tag";
  if (!taken.has(clean) && clean.length >= 3) return clean;
  for (let number = 2; ; number++) if (!taken.has(`${clean} ${number}`)) return `${clean} ${number}`;
}
