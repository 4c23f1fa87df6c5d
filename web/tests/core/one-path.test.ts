/** Whatever a password is made of, one way leads from it to the keys. */
import { expect, test } from 'vitest'
import { utf8 } from '../../src/lib/crypto/bytes.ts'
import { Mistyped } from '../../src/lib/crypto/errors.ts'
import { normalisePassword } from '../../src/lib/crypto/kdf.ts'
import vectors from '../../../tests/vectors/kdf.json'
import { Server } from './server.ts'
import { Browser, EMAIL } from './world.ts'

const FORMS = ['NFC', 'NFD', 'NFKC', 'NFKD'] as const
const WRITTEN_TWO_WAYS = [
  'Ångström und Käse',
  'ﬁnally a ligature',
  '\uff4b\uff45\uff59\uff53 of full width',
  'Ω versus Ω, ² versus 2',
  '한글 비밀번호는 길어야 한다',
  'ṩ̣̇ many marks on one letter'
]

function taken(password: string): boolean {
  try {
    expect(normalisePassword(password)).toEqual(utf8(password))
    return true
  } catch (ex) {
    if (!(ex instanceof Mistyped)) throw ex
    return false
  }
}

test('M04: each of 1,025 lengths is taken whole, or refused before anything is derived', () => {
  for (let length = 0; length <= 1025; length++) {
    expect(taken('p'.repeat(length)), String(length)).toBe(length >= 12 && length <= 1024)
  }
})

test('M04: every form of a password is the bytes that both clients agreed on', () => {
  for (const { name, password, normalised_utf8 } of vectors.passwords) {
    for (const form of FORMS) {
      const raw = normalisePassword(password.normalize(form))
      expect(Buffer.from(raw).toString('hex'), `${name}, ${form}`).toBe(normalised_utf8)
    }
  }
})

test('M04: signing up, logging in, unlocking and proving stretch the same bytes', async () => {
  for (const password of WRITTEN_TWO_WAYS) {
    const written = [...new Set([password, ...FORMS.map((form) => password.normalize(form))])]
    expect(written.length).toBeGreaterThan(1)
    const browser = new Browser(new Server())
    const { stretched } = browser
    const first = written[0] ?? ''
    const { accountKey } = await browser.core.entrance.prepareSignUp({
      email: EMAIL,
      password: first
    })
    await browser.core.entrance.confirmSignUp()

    for (const form of written) {
      const elsewhere = new Browser(browser.server)
      await elsewhere.core.entrance.logIn({ email: EMAIL, password: form, accountKey })
      await elsewhere.core.proofs.prove({ password: form })
      await elsewhere.core.newKeys.changePassword({ password: form })
      elsewhere.lock()
      for (const again of written) await elsewhere.core.entrance.unlock({ password: again })
      stretched.push(...elsewhere.stretched)
    }

    expect(stretched.length).toBeGreaterThan(written.length)
    const bytes = stretched.map((raw) => Buffer.from(raw).toString('hex'))
    expect(new Set(bytes).size).toBe(1)
  }
})
