import { ActionIcon, Badge, Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { modals } from "@mantine/modals";
import { PaperAirplaneIcon, TrashIcon } from "@primer/octicons-react";
import { useQueryClient } from "@tanstack/react-query";
import type { WebhookData } from "@winnow/contract";
import { useState } from "react";
import { agoText, timeText } from "../amounts.ts";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { failed, said } from "../states/said.ts";
import { Deliveries } from "./deliveries.tsx";
import { eventNames } from "./events.ts";

interface WebhookCardProps {
  readonly webhook: WebhookData;
  /** Name of the only dataset that it is told of. */
  readonly dataset: string | undefined;
  readonly opened: boolean;
  readonly onToggle: (opened: boolean) => void;
}

/** One webhook: what it is told of, a try, what became of what was sent. */
export function WebhookCard({ webhook, dataset, opened, onToggle }: WebhookCardProps) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const path = { webhookId: webhook.id };
  const tryIt = async () => {
    setBusy(true);
    try {
      await call(routes.testWebhook, { path });
      onToggle(true);
      await queries.invalidateQueries({ queryKey: ["webhooks", webhook.id] });
    } catch (error) {
      failed("Nothing was sent", error);
    }
    setBusy(false);
  };
  const remove = () =>
    modals.openConfirmModal({
      title: "Delete the webhook?",
      children: (
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {webhook.url} is told of nothing any more, and what is on its way is not sent. A new webhook has another secret.
        </Text>
      ),
      labels: { confirm: "Delete the webhook", cancel: "Keep it" },
      confirmProps: { color: "red" },
      onConfirm: () => {
        void call(routes.deleteWebhook, { path }).then(
          () => (said("The webhook was deleted."), queries.invalidateQueries({ queryKey: ["webhooks"] })),
          (error: unknown) => failed("The webhook stays", error),
        );
      },
    });
  return (
    <Paper component="section" aria-label={`Webhook ${webhook.url}`} withBorder p="md">
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Title order={2} size="h4" style={{ overflowWrap: "anywhere" }}>
            {webhook.url}
          </Title>
          <ActionIcon size="lg" aria-label={`Delete ${webhook.url}`} onClick={remove}>
            <TrashIcon />
          </ActionIcon>
        </Group>
        <Group gap={6}>
          {webhook.events.map((event) => (
            <Badge key={event} variant="light" color="gray" tt="none">
              {eventNames[event]}
            </Badge>
          ))}
          <Text size="sm" c="dimmed" title={timeText(webhook.createdAt)}>
            {dataset === undefined ? "in every dataset" : `in ${dataset}`} · made {agoText(webhook.createdAt)}
          </Text>
        </Group>
        <Group gap="xs">
          <Button size="xs" variant="default" leftSection={<PaperAirplaneIcon size={14} />} loading={busy} onClick={() => void tryIt()}>
            Send a test
          </Button>
          <Button size="xs" variant="default" aria-expanded={opened} onClick={() => onToggle(!opened)}>
            {opened ? "Hide what was sent" : "What was sent"}
          </Button>
        </Group>
        {opened && <Deliveries webhookId={webhook.id} />}
      </Stack>
    </Paper>
  );
}
