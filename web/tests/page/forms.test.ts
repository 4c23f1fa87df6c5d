/** What forms make of what is typed into them. */
import { expect, test } from 'vitest'
import { draftOf, dueOf, emptyField, faults, secretOf } from '../../src/lib/draft.ts'
import { sameCode } from '../../src/lib/kit.ts'
import { passphrase, strength } from '../../src/lib/strength.ts'
import { visible } from '../../src/lib/visible.ts'
import { words } from '../../src/lib/words.ts'

test('a draft becomes a secret without stray spaces, slashes and doubles', () => {
  const draft = { ...draftOf(), name: ' KEY ', path: '/a//b c/', tags: 'x, y,,x', provider: '  ' }

  const { overview, details } = secretOf(draft)

  expect(overview).toMatchObject({ name: 'KEY', path: 'a/b c', tags: ['x', 'y'], provider: null })
  expect(details.fields).toEqual([{ name: 'key', value: '', concealed: true }])
})

test('what the form does not show is kept', () => {
  const first = secretOf({ ...draftOf(), name: 'KEY' })
  const known = {
    overview: { ...first.overview, reminder: 7, fingerprints: ['f'] },
    details: { ...first.details, certificate: 'c' }
  }

  const again = secretOf(draftOf(known.overview, known.details), known)

  expect(again.overview).toMatchObject({ reminder: 7, fingerprints: ['f'] })
  expect(again.details.certificate).toBe('c')
})

test('another first value is a rotation, and another note is none', () => {
  const first = secretOf({ ...draftOf(), name: 'KEY' })
  const known = { ...first, overview: { ...first.overview, rotated_at: '7' } }
  const draft = draftOf(known.overview, known.details)
  const [field = emptyField()] = draft.fields

  const noted = secretOf({ ...draft, notes: 'x' }, known)
  const rotated = secretOf({ ...draft, fields: [{ ...field, value: 'new' }] }, known)

  expect(noted.overview.rotated_at).toBe('7')
  expect(Number(rotated.overview.rotated_at)).toBeGreaterThan(1e12)
})

test('a secret needs a name, and its fields names of their own', () => {
  const [one, two, three] = [emptyField('a'), emptyField(' a '), emptyField()]

  const found = faults({ ...draftOf(), path: 'a/../b', fields: [one, two, three] })

  expect(Object.keys(found).sort()).toEqual(
    ['name', 'path', `field-${two.id}`, `field-${three.id}`].sort()
  )
})

test('a code is the same with other spaces, case and look-alikes', () => {
  expect(sameCode(' 1o0l ', '1001')).toBe(true)
  expect(sameCode('1002', '1001')).toBe(false)
})

test('well-known, repeated and running passwords are weak however long they are', async () => {
  const list = await words()

  for (const weak of ['password1234', 'aaaaaaaaaaaaaaaa', 'qwertyuiop1234567890', 'P@ssw0rd2024']) {
    expect(strength(weak, list).score, weak).toBeLessThan(2)
  }
  expect(strength('abcabcabcabcabc', list).score).toBeLessThan(2)
})

test('a suggested passphrase is worth as much as its five draws', async () => {
  const list = await words()

  const { bits, score } = strength(passphrase(list), list)

  expect(bits).toBeGreaterThan(64)
  expect(score).toBe(4)
})

test('marks that turn the direction of writing are shown', () => {
  expect(visible('a\u202Efdp.exe\u2066\n')).toBe('a\uFFFDfdp.exe\uFFFD\uFFFD')
  expect(visible('שלום naïve 🔑')).toBe('שלום naïve 🔑')
})

test('days are whole numbers, and what is typed says when it will be due', () => {
  const known = secretOf({ ...draftOf(), name: 'KEY' })
  const rotated = { ...known, overview: { ...known.overview, rotated_at: '0' } }
  const draft = { ...draftOf(rotated.overview, rotated.details), rotate: ' 90', remind: '7' }

  expect(faults(draft)).toEqual({})
  expect(secretOf(draft, rotated).overview).toMatchObject({ rotate_days: 90, reminder: 7 })
  expect(dueOf(draft, rotated)).toEqual({
    due: { day: '1970-04-01', why: 'rotate' },
    reminder: '1970-03-25'
  })
  for (const typed of ['0', '1.5', '-1', 'x', '3651', '١']) {
    expect(Object.keys(faults({ ...draft, rotate: typed }))).toEqual(['rotate'])
  }
  expect(faults({ ...draft, remind: '0' })).toEqual({})
  expect(Object.keys(faults({ ...draft, remind: '-1' }))).toEqual(['remind'])
  expect(secretOf({ ...draft, rotate: '', remind: '' }, rotated).overview).toMatchObject({
    rotate_days: null,
    reminder: null
  })
})
