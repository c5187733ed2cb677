// VitePress's own theme without its fonts, in the colours of the app.
import DefaultTheme from "vitepress/theme-without-fonts";
import "./colours.css";

export default DefaultTheme;
