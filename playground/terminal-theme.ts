// The sixteen colours of a terminal, light and dark, each readable on its ground.

import type { ITheme } from "@xterm/xterm";

const LIGHT: ITheme = {
  background: "#fffdf9",
  foreground: "#22201c",
  cursor: "#0b6470",
  cursorAccent: "#fffdf9",
  selectionBackground: "#cfe3e5",
  black: "#22201c",
  red: "#a32c1b",
  green: "#1e6b3a",
  yellow: "#7c5800",
  blue: "#1f5fa8",
  magenta: "#8a3a86",
  cyan: "#0b6470",
  white: "#5f5b53",
  brightBlack: "#6a665e",
  brightRed: "#b23a26",
  brightGreen: "#217a42",
  brightYellow: "#8a6300",
  brightBlue: "#2a6cb8",
  brightMagenta: "#994494",
  brightCyan: "#0e727f",
  brightWhite: "#3b3833",
};

const DARK: ITheme = {
  background: "#15171b",
  foreground: "#e6e3dc",
  cursor: "#72c7d1",
  cursorAccent: "#15171b",
  selectionBackground: "#2c4a50",
  black: "#2b2e34",
  red: "#f0907e",
  green: "#86cf9e",
  yellow: "#e3c077",
  blue: "#8fbcf2",
  magenta: "#d8a3d4",
  cyan: "#72c7d1",
  white: "#cfccc4",
  brightBlack: "#8f8c85",
  brightRed: "#f6a899",
  brightGreen: "#a2dcb5",
  brightYellow: "#edd199",
  brightBlue: "#abcdf6",
  brightMagenta: "#e3bbe0",
  brightCyan: "#93d5dd",
  brightWhite: "#f5f3ee",
};

export function terminalTheme(isDark: boolean): ITheme {
  return isDark ? DARK : LIGHT;
}
