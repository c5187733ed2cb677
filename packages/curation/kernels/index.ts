// What the compiled module exports.
export { exactScaledSquare, exactSquare, squareUpTo } from "./distance";
export * from "./farthest";
export * from "./inspect";
export * from "./neighbours";
export * from "./duplicates";
export * from "./clusters";
export * from "./layout";
