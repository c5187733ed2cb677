import { CpuIcon, GearIcon, HistoryIcon, PeopleIcon, PulseIcon, WebhookIcon } from "@primer/octicons-react";
import { type ComponentType, lazy } from "react";

/** A page besides the datasets' own, with its place in the menu of the user where it has one. */
export interface Page {
  readonly path: string;
  readonly component: ComponentType;
  readonly menu?: { readonly title: string; readonly icon: typeof GearIcon };
}

/** Pages are loaded when they are first gone to. To add one: a line here. */
export const pages: readonly Page[] = [
  { path: "/", component: lazy(async () => ({ default: (await import("./home/home-page.tsx")).HomePage })) },
  { path: "/workers", component: lazy(async () => ({ default: (await import("./workers/workers-page.tsx")).WorkersPage })), menu: { title: "Workers", icon: CpuIcon } },
  { path: "/jobs", component: lazy(async () => ({ default: (await import("./jobs/jobs-page.tsx")).JobsPage })), menu: { title: "Jobs", icon: PulseIcon } },
  { path: "/teams", component: lazy(async () => ({ default: (await import("./teams/teams-page.tsx")).TeamsPage })), menu: { title: "Teams", icon: PeopleIcon } },
  { path: "/webhooks", component: lazy(async () => ({ default: (await import("./webhooks/webhooks-page.tsx")).WebhooksPage })), menu: { title: "Webhooks", icon: WebhookIcon } },
  { path: "/activity", component: lazy(async () => ({ default: (await import("./activity/activity-page.tsx")).ActivityPage })), menu: { title: "Activity", icon: HistoryIcon } },
  { path: "/preferences", component: lazy(async () => ({ default: (await import("./preferences/preferences-page.tsx")).PreferencesPage })), menu: { title: "Preferences", icon: GearIcon } },
];
