import { DatabaseIcon, ListUnorderedIcon, PeopleIcon, PlayIcon, StackIcon, TagIcon, TelescopeIcon } from "@primer/octicons-react";
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
  { path: "tags", title: "Tags", icon: TagIcon, component: lazy(async () => ({ default: (await import("../tags/tags-screen.tsx")).TagsScreen })) },
  { path: "select", title: "Select", icon: StackIcon, component: lazy(async () => ({ default: (await import("../select/select-screen.tsx")).SelectScreen })) },
  { path: "datasource", title: "Datasource", icon: DatabaseIcon, component: lazy(async () => ({ default: (await import("../datasource/datasource-screen.tsx")).DatasourceScreen })) },
  { path: "runs", title: "Runs", icon: PlayIcon, component: lazy(async () => ({ default: (await import("../runs/runs-screen.tsx")).RunsScreen })) },
  { path: "metadata", title: "Metadata", icon: ListUnorderedIcon, component: lazy(async () => ({ default: (await import("../metadata/metadata-screen.tsx")).MetadataScreen })) },
  { path: "people", title: "People", icon: PeopleIcon, component: lazy(async () => ({ default: (await import("../people/people-screen.tsx")).PeopleScreen })) },
];
