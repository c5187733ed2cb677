import { Group, Radio, Text } from "@mantine/core";
import classes from "./choice-cards.module.css";

interface Choice {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** One of a few things, each with what it means. @param width of a card at least, in pixels */
export function ChoiceCards({ label, choices, value, onChange, width }: { readonly label: string; readonly choices: readonly Choice[]; readonly value: string; readonly onChange: (id: string) => void; readonly width: number }) {
  return (
    <Radio.Group label={label} value={value} onChange={onChange}>
      <div className={classes["cards"]} style={{ gridTemplateColumns: `repeat(auto-fill, minmax(min(100%, ${width}px), 1fr))` }}>
        {choices.map(({ id, title, text }) => (
          <Radio.Card key={id} value={id} p="sm" radius="md">
            <Group wrap="nowrap" align="flex-start" gap="xs">
              <Radio.Indicator />
              <div>
                <Text size="sm" fw={560}>
                  {title}
                </Text>
                <Text size="xs" c="dimmed">
                  {text}
                </Text>
              </div>
            </Group>
          </Radio.Card>
        ))}
      </div>
    </Radio.Group>
  );
}
