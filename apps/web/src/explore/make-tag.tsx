import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import type { TagData } from "@winnow/contract";
import { useState } from "react";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { tagHex } from "../columns/tag-bytes.ts";
import type { Chosen } from "../selection/chosen.ts";
import { messageOf } from "../states/problem.tsx";
import { said } from "../states/said.ts";

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9 .:;=@_-]+$/;

interface MakeTagProps {
  readonly datasetId: string;
  readonly tags: readonly TagData[];
  readonly chosen: Chosen;
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onMade: (tagId: string) => void;
}

/** Keeps what is chosen under a name. */
export function MakeTag({ datasetId, tags, chosen, opened, onClose, onMade }: MakeTagProps) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const taken = tags.some((tag) => tag.name === name.trim());
  const complaint = taken ? "There is a tag of this name already." : name.trim().length >= 3 && !namePattern.test(name.trim()) ? "Letters, digits, blanks and . : ; = @ _ - only; the first a letter or digit." : undefined;
  const make = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const prevTagId = (tags.find((tag) => tag.name === "initial-tag") ?? tags.find((tag) => !tag.prevTagId))?.id ?? (await call(routes.createInitialTag, { path: { datasetId }, body: { imgType: "full", creator: "USER_WEBAPP" } })).id;
      const { id } = await call(routes.createTag, { path: { datasetId }, body: { name: name.trim(), prevTagId, bitMaskData: tagHex(chosen.mask), totSize: chosen.mask.length, creator: "USER_WEBAPP" } });
      await queries.invalidateQueries({ queryKey: ["dataset", datasetId] });
      said(`“${name.trim()}” holds ${chosen.count.toLocaleString()} ${chosen.count === 1 ? "sample" : "samples"}.`);
      setName("");
      onMade(id);
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened={opened} onClose={onClose} title="Make a tag">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!complaint && name.trim().length >= 3) void make();
        }}
      >
        <Stack>
          <Text size="sm">
            {chosen.count.toLocaleString()} chosen {chosen.count === 1 ? "sample" : "samples"} will be kept under this name.
          </Text>
          <TextInput label="Name" description="At least 3 characters" data-autofocus required value={name} onChange={(event) => setName(event.currentTarget.value)} error={complaint ?? problem} maxLength={255} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy} disabled={name.trim().length < 3 || complaint !== undefined}>
              Make the tag
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
