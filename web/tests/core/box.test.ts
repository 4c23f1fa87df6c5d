import { expect, test } from 'vitest'
import { utf8 } from '../../src/lib/crypto/bytes.ts'
import { ObjectType } from '../../src/lib/crypto/encoding.ts'
import { Broken, KeyMissing } from '../../src/lib/crypto/errors.ts'
import { makeVaultKey } from '../../src/lib/crypto/vault-keys.ts'
import { VaultBox } from '../../src/lib/core/box.ts'
import { readOverview, readProfile } from '../../src/lib/core/items.ts'

const VAULT = '8c0ffee0-0000-4000-8000-000000000001'
const place = { secretId: '8c0ffee0-0000-4000-8000-000000000002', version: 1n, epoch: 1n }
const { SECRET_DETAILS, SECRET_OVERVIEW } = ObjectType

const boxWith = (key = makeVaultKey()): VaultBox => new VaultBox(VAULT, new Map([[1n, key]]))

test('M18: no member shuts a vault by a name or a row that they sign', async () => {
  const [box, other] = [boxWith(), boxWith()]
  const sealed = [
    await box.seal(SECRET_OVERVIEW, place, utf8('{"name":"x"}')),
    await other.seal(SECRET_OVERVIEW, place, utf8('{}'))
  ]

  for (const blob of sealed) {
    const { name, tags } = readOverview(await box.open(SECRET_OVERVIEW, place, blob))
    expect([name, tags]).toEqual([place.secretId, ['does not open']])
  }
  const profile = await other.sealProfile(1n, 1n, utf8('{}'))
  expect(readProfile(await box.openProfile(1n, 1n, profile)).name).toBe(VAULT)
})

test('a value that does not open is broken, and a key that is not there is missing', async () => {
  const [box, other] = [boxWith(), boxWith()]
  const blob = await other.seal(SECRET_DETAILS, place, utf8('{}'))

  await expect(box.open(SECRET_DETAILS, place, blob)).rejects.toThrow(Broken)
  const later = { ...place, epoch: 2n }
  await expect(box.open(SECRET_OVERVIEW, later, blob)).rejects.toThrow(KeyMissing)
  await expect(box.openProfile(2n, 1n, blob)).rejects.toThrow(KeyMissing)
})
