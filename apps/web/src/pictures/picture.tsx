import { useState } from "react";
import { pictureUrl } from "../api/routes.ts";
import classes from "./pictures.module.css";

/** A small picture of a sample by its ordinal; a plain field where there is none. */
export function Picture({ datasetId, ordinal, size, label }: { readonly datasetId: string; readonly ordinal: number; readonly size: number; readonly label: string }) {
  const [broken, setBroken] = useState(false);
  if (broken) return <span className={classes["broken"]} role="img" aria-label={`${label}: no picture`} />;
  return <img className={classes["picture"]} src={pictureUrl(datasetId, ordinal, Math.round(size * Math.min(2, window.devicePixelRatio)))} alt={label} loading="lazy" decoding="async" draggable={false} onError={() => setBroken(true)} />;
}
