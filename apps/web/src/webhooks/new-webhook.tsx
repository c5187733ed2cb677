import { Button, Checkbox, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import type { WebhookCreateRequest, WebhookCreatedData } from "@winnow/contract";
import { type FormEvent, useState } from "react";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { messageOf } from "../states/problem.tsx";
import { eventNames, urlProblem } from "./events.ts";

type Event = WebhookCreateRequest["events"][number];

interface NewWebhookProps {
  readonly opened: boolean;
  readonly datasets: readonly { readonly value: string; readonly label: string }[];
  readonly onClose: () => void;
  readonly onMade: (made: WebhookCreatedData & { readonly url: string }) => void;
}

/** Where to, of what, of which dataset. */
export function NewWebhook({ opened, datasets, onClose, onMade }: NewWebhookProps) {
  const queries = useQueryClient();
  const [url, setUrl] = useState("");
  const [events, setEvents] = useState<Event[]>(["run.finished", "tag.created"]);
  const [datasetId, setDatasetId] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState<string>();
  const [busy, setBusy] = useState(false);
  const problem = urlProblem(url);
  const none = events.length === 0 ? "At least one." : undefined;
  const make = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    setRefused(undefined);
    if (problem !== undefined || none !== undefined) return;
    setBusy(true);
    try {
      const made = await call(routes.createWebhook, { body: { url: url.trim(), events, ...(datasetId !== null && { datasetId }) } });
      await queries.invalidateQueries({ queryKey: ["webhooks"] });
      onMade({ ...made, url: url.trim() });
      setUrl("");
      setTried(false);
    } catch (error) {
      setRefused(messageOf(error));
    }
    setBusy(false);
  };
  return (
    <Modal opened={opened} onClose={onClose} title="New webhook">
      <form onSubmit={(event) => void make(event)} noValidate>
        <Stack>
          <TextInput type="url" label="Address" description="Events are sent there by POST." placeholder="https://example.org/winnow" data-autofocus required maxLength={2000} value={url} onChange={(event) => setUrl(event.currentTarget.value)} error={tried ? (problem ?? refused) : undefined} />
          <Checkbox.Group label="Tell it when" value={events} onChange={(value) => setEvents(value as Event[])} error={tried ? none : undefined}>
            <Stack gap={6} mt={6}>
              {(["run.finished", "tag.created"] as const).map((name) => (
                <Checkbox key={name} value={name} label={eventNames[name]} />
              ))}
            </Stack>
          </Checkbox.Group>
          <Select label="Dataset" placeholder="All that you see" searchable clearable data={[...datasets]} value={datasetId} onChange={setDatasetId} nothingFoundMessage="No such dataset" />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              Make the webhook
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
