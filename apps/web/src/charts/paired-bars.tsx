import { Text } from "@mantine/core";
import { shareText } from "../amounts.ts";
import type { Distribution } from "../tags/distribution.ts";
import classes from "./charts.module.css";

/** Two distributions over the same bins, as pairs of bars: shares, so that tags of different sizes can be compared. */
export function PairedBars({ first, second, firstName, secondName, kind }: { readonly first: Distribution; readonly second: Distribution; readonly firstName: string; readonly secondName: string; readonly kind: "number" | "category" }) {
  const share = (distribution: Distribution, i: number) => (distribution.present === 0 ? 0 : distribution.bins[i]!.count / distribution.present);
  const highest = Math.max(1e-9, ...first.bins.map((_, i) => Math.max(share(first, i), share(second, i))));
  const tell = (i: number) => `${first.bins[i]!.label}: ${firstName} ${shareText(first.bins[i]!.count, first.present)} (${first.bins[i]!.count}), ${secondName} ${shareText(second.bins[i]!.count, second.present)} (${second.bins[i]!.count})`;
  const summary = `${firstName} and ${secondName} by bin. ${first.bins.map((_, i) => tell(i)).join("; ")}`;
  if (kind === "number") {
    return (
      <div>
        <div className={classes["columns"]} role="img" aria-label={summary}>
          {first.bins.map((_, i) => (
            <div key={i} className={classes["pair"]} title={tell(i)}>
              <span className={classes["first"]} style={{ height: `${(100 * share(first, i)) / highest}%` }} />
              <span className={classes["second"]} style={{ height: `${(100 * share(second, i)) / highest}%` }} />
            </div>
          ))}
        </div>
        <div className={classes["ends"]}>
          <Text size="xs" c="dimmed">
            {first.bins[0]?.label.split(" – ")[0]}
          </Text>
          <Text size="xs" c="dimmed">
            {first.bins.at(-1)?.label.split(" – ").at(-1)}
          </Text>
        </div>
      </div>
    );
  }
  return (
    <div className={classes["rows"]} role="img" aria-label={summary}>
      {first.bins.map(({ label }, i) => (
        <div key={i} className={classes["row"]} title={tell(i)}>
          <Text size="xs" truncate>
            {label === "" ? "(empty)" : label}
          </Text>
          <div className={classes["bars"]}>
            <span className={classes["first"]} style={{ width: `${(100 * share(first, i)) / highest}%` }} />
            <span className={classes["second"]} style={{ width: `${(100 * share(second, i)) / highest}%` }} />
          </div>
          <Text size="xs" c="dimmed" ta="right" className={classes["figures"]}>
            {shareText(first.bins[i]!.count, first.present)} · {shareText(second.bins[i]!.count, second.present)}
          </Text>
        </div>
      ))}
    </div>
  );
}
