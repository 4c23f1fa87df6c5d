/** Which lines of a long list are in sight. */

/** Where each line begins, and where the last one ends. */
export function offsets(heights: readonly number[]): number[] {
  let sum = 0
  return [0, ...heights.map((height) => (sum += height))]
}

/** The first and the one after the last line that touch a stretch, with some to spare. */
export function inSight(
  offsets: readonly number[],
  top: number,
  height: number,
  spare = 8
): [number, number] {
  const lines = offsets.length - 1
  return [
    Math.max(0, lineAt(offsets, top) - spare),
    Math.min(lines, lineAt(offsets, top + height) + 1 + spare)
  ]
}

function lineAt(offsets: readonly number[], at: number): number {
  let low = 0
  let high = offsets.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((offsets[middle] ?? Infinity) <= at) low = middle
    else high = middle - 1
  }
  return low
}
