/** What is wrong with what somebody typed. */
import { expect, test } from 'vitest'

import { emailFault, passwordFault } from '../../src/lib/faults.ts'

test('an address has one at sign, and something on both sides', () => {
  const faults = [' a@example.com ', 'a@', 'a b@example.com', ''].map(emailFault)

  const fault = 'Type an e-mail address, like you@example.com.'
  expect(faults).toEqual(['', fault, fault, fault])
})

test('a password is counted as it is stretched: in characters of NFKC, and in bytes', () => {
  const faults = ['twelve chars', 'e\u0301leven char', '€'.repeat(342)].map(passwordFault)

  expect(faults).toEqual([
    '',
    'At least 12 characters; these are 11.',
    'At most 1,024 bytes: that is too long.'
  ])
})
