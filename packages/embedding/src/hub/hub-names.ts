/**
 * Models of the Hugging Face hub that have a short name here, with the repository that holds them as ONNX. One more: one
 * line. Every other repository goes by its full id, `organisation/name`.
 */
const REPOSITORIES: Readonly<Record<string, string>> = {
  "dinov2-small": "Xenova/dinov2-small",
  "dinov2-base": "Xenova/dinov2-base",
  "dinov2-large": "Xenova/dinov2-large",
  "clip-vit-base-patch16": "Xenova/clip-vit-base-patch16",
  "clip-vit-base-patch32": "Xenova/clip-vit-base-patch32",
  "clip-vit-large-patch14": "Xenova/clip-vit-large-patch14",
  "siglip-base-patch16-224": "Xenova/siglip-base-patch16-224",
  "siglip-base-patch16-256": "Xenova/siglip-base-patch16-256",
  "siglip-base-patch16-384": "Xenova/siglip-base-patch16-384",
};

export const HUB_NAMES: readonly string[] = Object.freeze(Object.keys(REPOSITORIES));

/** The repository that a name means: a short one of {@link HUB_NAMES} or a full id; undefined for anything else. */
export function hubRepository(name: string): string | undefined {
  if (Object.hasOwn(REPOSITORIES, name)) return REPOSITORIES[name];
  // As the hub names them. No part begins with a dot: the id becomes a path in the cache folder.
  return /^[A-Za-z0-9_][\w.-]{0,95}\/[A-Za-z0-9_][\w.-]{0,95}$/.test(name) && !name.includes("..") ? name : undefined;
}
