import { CpuIcon, GearIcon, PulseIcon } from "@primer/octicons-react";
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
  { path: "/preferences", component: lazy(async () => ({ default: (await import("./preferences/preferences-page.tsx")).PreferencesPage })), menu: { title: "Preferences", icon: GearIcon } },
];
