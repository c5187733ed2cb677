import type { WebhookDelivery, WebhookEvent } from "@winnow/contract";

/** What events are called. */
export const eventNames: Readonly<Record<WebhookEvent, string>> = { "run.finished": "A run has finished", "tag.created": "A tag was made", "webhook.test": "Test" };

export const deliveryStates: Readonly<Record<WebhookDelivery["state"], { readonly label: string; readonly colour: string }>> = {
  WAITING: { label: "On its way", colour: "blue" },
  DELIVERED: { label: "Received", colour: "leaf" },
  FAILED: { label: "Given up", colour: "red" },
};

/** What is wrong with the address of a receiver; undefined: nothing that shows before the server looks at it. */
export function urlProblem(text: string): string | undefined {
  const url = text.trim();
  if (!/^https?:\/\/./i.test(url) || !URL.canParse(url)) return "An address that begins with http:// or https://.";
  const { username, password } = new URL(url);
  if (username !== "" || password !== "") return "Without user name and password: receivers know the server by its signature.";
  return undefined;
}
