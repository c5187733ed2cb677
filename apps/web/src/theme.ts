import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

/** Leaves: the one colour that says "act here". */
const leaf: MantineColorsTuple = ["#e9f6ef", "#d3eadd", "#a6d5ba", "#76bf95", "#4fac77", "#369f63", "#238156", "#176b43", "#0f5837", "#06452a"];
/** Chaff: greys with a trace of green, so that pictures are the most colourful thing on the page. */
const gray: MantineColorsTuple = ["#f7f9f7", "#eff2f0", "#e4e8e5", "#d4dad6", "#bcc5bf", "#9aa59e", "#727d76", "#56615a", "#3b443f", "#242b27"];
const dark: MantineColorsTuple = ["#d9dfdb", "#b9c2bc", "#9aa59e", "#727d76", "#48514c", "#363e39", "#272d2a", "#191e1b", "#131714", "#0d100e"];

/** The look of the whole app: system fonts, small radii, one accent. */
export const theme = createTheme({
  primaryColor: "leaf",
  primaryShade: { light: 7, dark: 6 },
  colors: { leaf, gray, dark },
  black: "#1b211e",
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  defaultRadius: "md",
  radius: { xs: "3px", sm: "5px", md: "8px", lg: "12px", xl: "20px" },
  headings: { fontWeight: "620", sizes: { h1: { fontSize: "1.5rem", lineHeight: "1.3" }, h2: { fontSize: "1.2rem", lineHeight: "1.35" }, h3: { fontSize: "1.02rem", lineHeight: "1.4" } } },
  respectReducedMotion: true,
  cursorType: "pointer",
  components: {
    Tooltip: { defaultProps: { openDelay: 400, withArrow: true, events: { hover: true, focus: true, touch: false } } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
    Menu: { defaultProps: { shadow: "md" } },
    Popover: { defaultProps: { shadow: "md" } },
    // A dialog's header is no banner: that is the page's.
    Modal: { defaultProps: { attributes: { header: { role: "none" } }, centered: true, overlayProps: { backgroundOpacity: 0.45 }, closeButtonProps: { "aria-label": "Close" } } },
    Drawer: { defaultProps: { attributes: { header: { role: "none" } }, closeButtonProps: { "aria-label": "Close" } } },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    Table: { defaultProps: { verticalSpacing: "xs" } },
  },
});

/** What Mantine's own values leave below the contrast of WCAG AA. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": gray[7],
    "--mantine-color-placeholder": gray[6],
    "--mantine-color-gray-text": gray[8],
    "--mantine-color-gray-light-color": gray[8],
    "--mantine-color-red-text": "#c02626",
    "--mantine-color-error": "#c02626",
    "--mantine-color-red-light-color": "#a31d1d",
    "--mantine-color-orange-light-color": "#8f4400",
    "--mantine-color-orange-text": "#a34e00",
    "--mantine-color-yellow-light-color": "#7a5200",
    "--mantine-color-yellow-text": "#7a5200",
    "--mantine-color-blue-light-color": "#1458a0",
    "--mantine-color-blue-text": "#1458a0",
    "--mantine-color-leaf-light-color": leaf[8],
    "--winnow-color-raised": "#ffffff",
    "--winnow-color-sunken": gray[0],
    "--winnow-color-hover": "#2f6fed",
    "--winnow-color-blank": gray[2],
    "--winnow-color-stage": "#eceeec",
    "--mantine-color-default-border": "#dbe0dd",
  },
  dark: {
    "--mantine-color-dimmed": dark[2],
    "--mantine-color-placeholder": dark[2],
    "--mantine-color-gray-text": dark[1],
    "--mantine-color-gray-light-color": dark[0],
    "--mantine-color-red-text": "#ff8f8f",
    "--mantine-color-error": "#ff8f8f",
    "--mantine-color-leaf-text": leaf[3],
    "--mantine-color-leaf-light-color": leaf[2],
    "--winnow-color-raised": "#1f2521",
    "--winnow-color-sunken": "#131714",
    "--winnow-color-hover": "#7aa8ff",
    "--winnow-color-blank": "#262c28",
    "--winnow-color-stage": dark[9],
    "--mantine-color-default-border": "#343b37",
  },
});
