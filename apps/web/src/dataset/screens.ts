import { TelescopeIcon } from "@primer/octicons-react";
import { type ComponentType, lazy } from "react";

/** A screen of a dataset: `/datasets/ID/PATH`. */
export interface Screen {
  /** Part of the address; empty for the first. */
  readonly path: string;
  readonly title: string;
  readonly icon: typeof TelescopeIcon;
  readonly component: ComponentType<{ readonly datasetId: string }>;
}

/** In the order of the navigation. Screens are loaded when they are first gone to. To add one: a line here. */
export const screens: readonly Screen[] = [
  { path: "", title: "Explore", icon: TelescopeIcon, component: lazy(async () => ({ default: (await import("../explore/explore-screen.tsx")).ExploreScreen })) },
];
