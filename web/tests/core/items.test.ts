import { expect, test } from 'vitest'
import { utf8 } from '../../src/lib/crypto/bytes.ts'
import { Broken } from '../../src/lib/crypto/errors.ts'
import { strictJson } from '../../src/lib/crypto/json.ts'
import { readDetails, readOverview, readProfile, writeJson } from '../../src/lib/core/items.ts'
import { details, overview } from './world.ts'

test('what is written is read again', () => {
  expect(readOverview(strictJson(writeJson(overview('one'))))).toEqual(overview('one'))
  expect(readDetails(strictJson(writeJson(details('1'))))).toEqual(details('1'))
})

test('what a newer client wrote beside the known keys is kept', () => {
  const known = { ...overview('old'), colour: 'red' }

  const written = strictJson(writeJson(overview('new'), strictJson(JSON.stringify(known))))

  expect(written).toMatchObject({ name: 'new', colour: 'red' })
})

test('an overview without one of its keys, or with another kind of value, is broken', () => {
  for (const key of Object.keys(overview('x'))) {
    const less = { ...overview('x'), [key]: undefined }
    expect(() => readOverview(strictJson(writeJson(less)))).toThrow(Broken)
    const wrong = { ...overview('x'), [key]: 1.5 }
    expect(() => readOverview(strictJson(writeJson(wrong)))).toThrow(Broken)
  }
})

test('details without a value are broken', () => {
  expect(() => readDetails(strictJson(writeJson({ ...details('1'), fields: [] })))).toThrow(Broken)
  expect(() => readProfile(utf8('{"name":"x"}'))).toThrow(Broken)
})
