/** What a session of this browser is called, where somebody looks for the one that is not theirs. */

type Marks = readonly (readonly [mark: string, name: string])[]

const BROWSERS: Marks = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari']
]

const SYSTEMS: Marks = [
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Windows', 'Windows'],
  ['Mac OS', 'macOS'],
  ['CrOS', 'ChromeOS'],
  ['Linux', 'Linux']
]

/** "Firefox on Linux", or as much of it as the browser tells. */
export function deviceName(agent = navigator.userAgent): string {
  const find = (marks: Marks): string | undefined =>
    marks.find(([mark]) => agent.includes(mark))?.[1]
  const browser = find(BROWSERS) ?? 'Web browser'
  const system = find(SYSTEMS)
  return system === undefined ? browser : `${browser} on ${system}`
}
