import { notifications } from "@mantine/notifications";
import { messageOf } from "./problem.tsx";

/** Tells that something went well. */
export function said(message: string): void {
  notifications.show({ message, autoClose: 5000 });
}

/** Tells that something didn't work, in the server's words. */
export function failed(what: string, error: unknown): void {
  notifications.show({ color: "red", title: what, message: messageOf(error), autoClose: 12_000 });
}
