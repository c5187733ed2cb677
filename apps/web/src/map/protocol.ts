/** What the map's thread is told and what it says. */
import type { Bounds, Viewport } from "./viewport.ts";

export type ToThread =
  | { readonly kind: "points"; readonly coordinates: Float32Array }
  /** A code per sample, and packed colours by code. */
  | { readonly kind: "look"; readonly codes: Uint8Array; readonly palette: Uint32Array }
  /** Sizes in device pixels. `still`: nothing moves, so pictures can be chosen. */
  | { readonly kind: "view"; readonly view: Viewport; readonly width: number; readonly height: number; readonly ratio: number; readonly still: boolean }
  | { readonly kind: "nearest"; readonly id: number; readonly x: number; readonly y: number; readonly reach: number }
  | { readonly kind: "enclosed"; readonly id: number; readonly corners: readonly number[] };

export type FromThread =
  | { readonly kind: "ready"; readonly bounds: Bounds; readonly placed: number }
  | { readonly kind: "frame"; readonly bitmap: ImageBitmap; readonly view: Viewport; readonly width: number; readonly height: number; readonly tookMs: number }
  /** Samples whose pictures stand for what is around them; none where there are too many points to see any. */
  | { readonly kind: "pictures"; readonly ordinals: Uint32Array }
  | { readonly kind: "nearest"; readonly id: number; readonly ordinal: number }
  | { readonly kind: "enclosed"; readonly id: number; readonly ordinals: Uint32Array };
