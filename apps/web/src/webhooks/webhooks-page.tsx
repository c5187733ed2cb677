import { Button } from "@mantine/core";
import { PlusIcon } from "@primer/octicons-react";
import { useQuery } from "@tanstack/react-query";
import type { WebhookCreatedData } from "@winnow/contract";
import { useState } from "react";
import { useSearchParams } from "wouter";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { useDatasetNames } from "../dataset/use-dataset-names.ts";
import { ShownOnce } from "../fields/shown-once.tsx";
import { Page } from "../shell/page.tsx";
import { Loading } from "../states/loading.tsx";
import { NothingHere } from "../states/nothing-here.tsx";
import { Problem } from "../states/problem.tsx";
import { NewWebhook } from "./new-webhook.tsx";
import { WebhookCard } from "./webhook-card.tsx";

/** Addresses that are told of events. `?webhook=ID` shows the deliveries of one. */
export function WebhooksPage() {
  const webhooks = useQuery({ queryKey: ["webhooks"], queryFn: ({ signal }) => call(routes.webhooks, { signal }) });
  const names = useDatasetNames();
  const [parameters, setParameters] = useSearchParams();
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<WebhookCreatedData & { readonly url: string }>();
  if (webhooks.error && !webhooks.data) return <Problem what="The webhooks" error={webhooks.error} retry={() => void webhooks.refetch()} />;
  if (!webhooks.data) return <Loading what="Loading the webhooks" />;
  const button = (
    <Button leftSection={<PlusIcon />} onClick={() => setMaking(true)}>
      New webhook
    </Button>
  );
  return (
    <Page title="Webhooks" text="Another system is told when a run has finished or a tag was made." aside={webhooks.data.length > 0 && button}>
      {made && <ShownOnce title={`The secret of ${made.url}`} label="Secret" secret={made.secret} text="What is sent is signed with it. It is shown this once: give it to the receiver now." onClose={() => setMade(undefined)} />}
      {webhooks.data.length === 0 ? (
        <NothingHere order={2} title="No webhooks yet" text="Give an address of a chat, a pipeline or a server of yours. Each event is sent there as signed JSON, and tried again for a day and a half when it doesn't arrive.">
          {button}
        </NothingHere>
      ) : (
        webhooks.data.map((webhook) => (
          <WebhookCard
            key={webhook.id}
            webhook={webhook}
            dataset={webhook.datasetId === undefined ? undefined : quoted(names.get(webhook.datasetId))}
            opened={parameters.get("webhook") === webhook.id}
            onToggle={(opened) => setParameters(opened ? { webhook: webhook.id } : {}, { replace: true })}
          />
        ))
      )}
      <NewWebhook
        opened={making}
        datasets={[...names].map(([value, label]) => ({ value, label }))}
        onClose={() => setMaking(false)}
        onMade={(created) => {
          setMaking(false);
          setMade(created);
          setParameters({ webhook: created.id }, { replace: true });
        }}
      />
    </Page>
  );
}

function quoted(name: string | undefined): string {
  return name === undefined ? "a dataset that is gone" : `“${name}”`;
}
