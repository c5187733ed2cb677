import { Badge, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { WebhookDelivery } from "@winnow/contract";
import { agoText, countOf, timeText } from "../amounts.ts";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { Loading } from "../states/loading.tsx";
import { Problem } from "../states/problem.tsx";
import { deliveryStates, eventNames } from "./events.ts";

/** The server keeps the last of each webhook only. */
const keptMax = 100;

/** What was sent to a webhook and what became of it; followed while something is on its way. */
export function Deliveries({ webhookId }: { readonly webhookId: string }) {
  const deliveries = useQuery({
    queryKey: ["webhooks", webhookId],
    queryFn: ({ signal }) => call(routes.webhookDeliveries, { path: { webhookId }, signal }),
    refetchInterval: ({ state }) => (state.data?.some((one) => one.state === "WAITING") ? 2000 : 15_000),
  });
  if (deliveries.error && !deliveries.data) return <Problem order={3} what="What was sent" error={deliveries.error} retry={() => void deliveries.refetch()} />;
  if (!deliveries.data) return <Loading order={3} what="Loading what was sent" />;
  if (deliveries.data.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing was sent yet. Send a test to see whether it arrives.
      </Text>
    );
  }
  return (
    <>
      <Table.ScrollContainer minWidth={300}>
        <Table aria-label="What was sent">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Event</Table.Th>
              <Table.Th>When</Table.Th>
              <Table.Th>State</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {deliveries.data.map((delivery) => (
              <Table.Tr key={delivery.id}>
                <Table.Td>{eventNames[delivery.event]}</Table.Td>
                <Table.Td title={timeText(delivery.createdAt)}>{agoText(delivery.createdAt)}</Table.Td>
                <Table.Td>
                  <Badge variant="light" color={deliveryStates[delivery.state].colour}>
                    {deliveryStates[delivery.state].label}
                  </Badge>
                  <Text size="xs" c="dimmed" mt={4} style={{ overflowWrap: "anywhere" }}>
                    {howItWent(delivery)}
                  </Text>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {deliveries.data.length >= keptMax && (
        <Text size="xs" c="dimmed">
          The last {keptMax} are shown.
        </Text>
      )}
    </>
  );
}

function howItWent({ state, attempts, status, error, nextAttemptAt }: WebhookDelivery): string {
  const parts = [
    ...(attempts > 0 ? [`tried ${attempts === 1 ? "once" : countOf(attempts, "time")}`] : []),
    ...(status !== undefined && error === undefined ? [`answered ${status}`] : []),
    ...(state === "WAITING" && attempts > 0 && nextAttemptAt !== undefined ? [`again at ${new Date(nextAttemptAt).toLocaleTimeString()}`] : []),
  ];
  return [parts.join(", "), error].filter((text) => text !== undefined && text !== "").join(". ");
}
