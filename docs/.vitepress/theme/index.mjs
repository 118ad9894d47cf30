// The theme without fonts of its own: pages use those of the system and load nothing from other sites.
import theme from "vitepress/theme-without-fonts";
import "./style.css";

export default theme;
