/** The list of words from which fingerprints and passphrases are made, fetched when wanted. */

let kept: Promise<readonly string[]> | undefined

/** The EFF's long list: 7,776 words. */
export function words(): Promise<readonly string[]> {
  kept ??= import('../../../shared/keyarc/words.txt?raw').then(({ default: text }) =>
    text.trim().split('\n')
  )
  return kept
}
