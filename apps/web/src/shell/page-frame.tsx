import type { ReactNode } from "react";
import classes from "./page.module.css";

/** Where a screen that is read from top to bottom stands. @param width its most */
export function PageFrame({ width = "69rem", children }: { readonly width?: string; readonly children: ReactNode }) {
  return (
    <div className={classes["page"]} style={{ maxWidth: width }}>
      {children}
    </div>
  );
}
