import { Button, CloseButton, Menu, Text } from "@mantine/core";
import { KebabHorizontalIcon, TagIcon } from "@primer/octicons-react";
import { useState } from "react";
import { type Chosen, changed, ordinalsOf } from "../selection/chosen.ts";
import classes from "./explore.module.css";
import { MakeTag } from "./make-tag.tsx";
import type { Exploration } from "./use-exploration.ts";
import type { ViewState } from "./view-state.ts";

interface ChosenBarProps {
  readonly datasetId: string;
  readonly exploration: Exploration;
  readonly change: (changes: Partial<ViewState>) => void;
  readonly onChosen: (chosen: Chosen) => void;
  /** What was chosen before the last change; undefined: nothing to go back to. */
  readonly undo: (() => void) | undefined;
}

/** What can be done with the chosen samples. */
export function ChosenBar({ datasetId, exploration, change, onChosen, undo }: ChosenBarProps) {
  const { chosen, matched, tags } = exploration;
  const [making, setMaking] = useState(false);
  const invert = () => onChosen(changed(chosen, matched, "toggle"));
  const onlyShown = () => {
    const shown = new Set(matched);
    onChosen(changed(chosen, ordinalsOf(chosen).filter((ordinal) => shown.has(ordinal)), "only"));
  };
  if (chosen.count === 0 && !making) return null;
  return (
    <div className={classes["chosen"]} role="region" aria-label="Chosen samples">
      <Text size="sm" fw={560} role="status">
        {chosen.count.toLocaleString()} chosen
      </Text>
      <Button size="xs" leftSection={<TagIcon size={14} />} onClick={() => setMaking(true)}>
        Make a tag
      </Button>
      {chosen.count === 1 && (
        <Button size="xs" variant="default" onClick={() => change({ like: ordinalsOf(chosen)[0], conditions: [], search: "", sort: undefined })}>
          More like this
        </Button>
      )}
      <Menu position="top-end">
        <Menu.Target>
          <Button size="xs" variant="default" aria-label="More to do with the chosen" px={8}>
            <KebabHorizontalIcon />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => onChosen(changed(chosen, matched, "only"))}>Choose all that are shown</Menu.Item>
          <Menu.Item onClick={invert}>Choose the others of those shown</Menu.Item>
          <Menu.Item onClick={onlyShown}>Keep only those shown</Menu.Item>
          {undo && <Menu.Item onClick={undo}>Undo the last change</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      <CloseButton aria-label="Choose nothing" onClick={() => onChosen(changed(chosen, [], "only"))} />
      <MakeTag datasetId={datasetId} tags={tags} chosen={chosen} opened={making} onClose={() => setMaking(false)} onMade={() => setMaking(false)} />
    </div>
  );
}
