import { maskTool } from "./mask_tool.js";

export const brush = maskTool({ name: "brush", label: "Brush", key: "d", icon: "brush", erases: false });
