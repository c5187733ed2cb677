import { ChevronRightIcon } from "@primer/octicons-react";
import type { TagData } from "@winnow/contract";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { countText } from "../amounts.ts";
import { sizeOf } from "./masks.ts";
import { type TagNode, tagTree, visibleRows } from "./tag-tree.ts";
import classes from "./tags.module.css";

/** The tags as a tree. Arrow keys move, open and fold; Enter and blank choose. */
export function TagTreeList({ tags, chosen, onChoose }: { readonly tags: readonly TagData[]; readonly chosen: string | undefined; readonly onChoose: (id: string) => void }) {
  const nodes = useMemo(() => tagTree(tags), [tags]);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [focused, setFocused] = useState<string>();
  const tree = useRef<HTMLDivElement>(null);
  const rows = visibleRows(nodes, folded);
  const current = rows.find(({ tag }) => tag.id === focused) ?? rows.find(({ tag }) => tag.id === chosen) ?? rows[0];

  const fold = ({ tag }: TagNode, to: boolean) => {
    const next = new Set(folded);
    if (to) next.add(tag.id);
    else next.delete(tag.id);
    setFolded(next);
  };
  const go = (row: TagNode | undefined) => {
    if (!row) return;
    setFocused(row.tag.id);
    tree.current?.querySelector<HTMLElement>(`[data-tag="${row.tag.id}"]`)?.focus();
  };
  const keys = (event: KeyboardEvent) => {
    if (!current) return;
    const at = rows.indexOf(current);
    const isFolded = folded.has(current.tag.id);
    const parent = rows.slice(0, at).findLast(({ depth }) => depth < current.depth);
    if (event.key === "ArrowDown") go(rows[at + 1]);
    else if (event.key === "ArrowUp") go(rows[at - 1]);
    else if (event.key === "Home") go(rows[0]);
    else if (event.key === "End") go(rows.at(-1));
    else if (event.key === "ArrowRight") {
      if (current.children.length > 0 && isFolded) fold(current, false);
      else if (current.children.length > 0) go(rows[at + 1]);
    } else if (event.key === "ArrowLeft") {
      if (current.children.length > 0 && !isFolded) fold(current, true);
      else go(parent);
    }
    else if (event.key === "Enter" || event.key === " ") onChoose(current.tag.id);
    else return;
    event.preventDefault();
  };
  return (
    <div ref={tree} className={classes["tree"]} role="tree" aria-label="Tags" onKeyDown={keys}>
      {rows.map((row) => {
        const { tag, depth, children } = row;
        const open = !folded.has(tag.id);
        return (
          <div
            key={tag.id}
            data-tag={tag.id}
            role="treeitem"
            aria-level={depth + 1}
            aria-selected={tag.id === chosen}
            aria-expanded={children.length > 0 ? open : undefined}
            tabIndex={row === current ? 0 : -1}
            className={classes["row"]}
            style={{ paddingLeft: 8 + Math.min(depth, 8) * 16 }}
            onClick={() => {
              setFocused(tag.id);
              onChoose(tag.id);
            }}
          >
            {children.length > 0 ? (
              <span
                className={classes["fold"]}
                data-open={open}
                aria-hidden
                onClick={(event) => {
                  event.stopPropagation();
                  fold(row, open);
                }}
              >
                <ChevronRightIcon size={14} />
              </span>
            ) : (
              <span className={classes["fold"]} aria-hidden />
            )}
            <span className={classes["name"]} title={tag.name}>
              {tag.name}
            </span>
            <span className={classes["size"]}>{countText(sizeOf(tag))}</span>
          </div>
        );
      })}
    </div>
  );
}
