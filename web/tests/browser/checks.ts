/** Every check of known answers, by name, for a page that a test drives. */
import { stretchByScript, stretchByWasm } from '../../src/lib/crypto/argon2id.ts'
import * as ed from '../../src/lib/crypto/ed25519.ts'
import * as xwing from '../../src/lib/crypto/xwing.ts'
import type { Vectors } from '../answers/agree.ts'
import { derivations } from '../answers/derivations.ts'
import { encoding } from '../answers/encoding.ts'
import { histories } from '../answers/histories.ts'
import { identities, shares } from '../answers/identities.ts'
import { invitations } from '../answers/invitations.ts'
import { oneTimeLinks } from '../answers/one-time-links.ts'
import { passkeys } from '../answers/passkeys.ts'
import * as published from '../answers/published.ts'
import { keyrings, seals } from '../answers/seals.ts'

const ED = { platform: ed.byWebCrypto, script: ed.byNoble }
const HPKE = { platform: xwing.byWebCrypto, script: xwing.byScript }

/** By what a check is done: the browser itself, or plain JavaScript. */
type By = keyof typeof ED

const checks = {
  encoding,
  seals,
  keyrings,
  histories,
  invitations,
  oneTimeLinks,
  passkeys,
  derivations: (v: Vectors, by: By) =>
    by === 'platform' ? derivations(v, stretchByWasm) : derivations(v, stretchByScript, 1),
  identities: (v: Vectors, by: By) => identities(v, ED[by], HPKE[by]),
  shares: (v: Vectors, by: By) => shares(v, HPKE[by]),
  aesGcm: published.aesGcm,
  hkdfs: published.hkdfs,
  expansions: published.expansions,
  edKeys: published.edKeys,
  xKeys: published.xKeys,
  signatures: (v: string[], by: By) => published.signatures(v, ED[by]),
  verdicts: (v: Vectors[], by: By) => published.verdicts(v, ED[by]),
  xwings: (v: Vectors, by: By) => published.xwings(v, HPKE[by]),
  hasOwnXWing: async () => (await xwing.hpke()) === xwing.byWebCrypto
}

Object.assign(globalThis, { checks })
