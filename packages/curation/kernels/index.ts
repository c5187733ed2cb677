// What the compiled module exports.
export { exactScaledSquare, exactSquare, squareUpTo } from "./distance";
export * from "./farthest";
export * from "./inspect";
export { alongDirections, markFresh, nearestAmong, nearestByHops, nearestInLeaves, nearestOfAll } from "./neighbours";
export * from "./exact-neighbours";
export * from "./duplicates";
export * from "./clusters";
export * from "./layout";
