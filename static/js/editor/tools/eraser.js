import { maskTool } from "./mask_tool.js";

export const eraser = maskTool({ name: "eraser", label: "Eraser", key: "x", icon: "eraser", erases: true });
