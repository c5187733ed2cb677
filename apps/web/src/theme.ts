import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** Leaves: the one colour that says "act here". */
const leaf: MantineColorsTuple = ["#e9f6ef", "#d3eadd", "#a6d5ba", "#76bf95", "#4fac77", "#369f63", "#26875a", "#176b43", "#0f5837", "#06452a"];

/** The look of the whole app: system fonts, small radii, one accent. */
export const theme = createTheme({
  primaryColor: "leaf",
  primaryShade: { light: 7, dark: 5 },
  colors: { leaf },
  autoContrast: true,
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, monospace",
  defaultRadius: "sm",
  headings: { fontWeight: "620" },
  respectReducedMotion: true,
  cursorType: "pointer",
});
