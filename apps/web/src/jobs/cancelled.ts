import type { JobStatusData } from "@winnow/contract";

/** Whether a job was ended by somebody. The protocol has no state of its own for it. */
export function wasCancelled(status: Pick<JobStatusData, "status" | "error"> | undefined): boolean {
  return status?.status === "FAILED" && status.error === "cancelled";
}
