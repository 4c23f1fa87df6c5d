/** The server's answers on the ways back in, read strictly. */
import { type Bytes, idBytes, parseU64, unb64 } from '../crypto/bytes.ts'
import { checkBlob, ObjectType } from '../crypto/encoding.ts'
import { Broken } from '../crypto/errors.ts'
import type { Json } from '../crypto/json.ts'
import { asArray, asCount, asString, having, orNull } from '../crypto/shape.ts'
import { readKeyring, type SealedKeyring } from './answers.ts'

/** What the server tells of itself; nothing about keys hangs on it. */
export type About = { mail: boolean; recoveryDelay: number }

/** Reads what the server tells of itself. */
export function readAbout(json: Json): About {
  const { mail, recovery_delay_seconds } = having(json, 'mail', 'recovery_delay_seconds')
  return { mail: mail === true, recoveryDelay: asCount(recovery_delay_seconds) }
}

/** A recovery that was begun: its token, the seconds to wait, whether a code comes by mail. */
export type Begun = { token: string; readyIn: number; mail: boolean }

/** Reads the answer to a recovery's beginning. */
export function readBegun(json: Json): Begun {
  const { recovery, ready_in, mail } = having(json, 'recovery', 'ready_in', 'mail')
  unb64(recovery, 32)
  return { token: asString(recovery), readyIn: asCount(ready_in), mail: mail === true }
}

/** What a proved recovery is handed. */
export type Released = {
  userId: string
  keyset: bigint
  recoveryKeyset: bigint
  recoveryUserKey: Bytes
  identity: Bytes
  idcert: Bytes
  keyring: SealedKeyring
}

/** Reads what a proved recovery is handed. */
export function readReleased(json: Json): Released {
  const answer = having(
    json,
    'user_id',
    'keyset',
    'recovery_keyset',
    'recovery_user_key',
    'identity',
    'idcert',
    'keyring'
  )
  return {
    userId: readId(answer.user_id),
    keyset: parseU64(answer.keyset),
    recoveryKeyset: parseU64(answer.recovery_keyset),
    recoveryUserKey: blob(answer.recovery_user_key, ObjectType.USER_KEY_BY_RECOVERY_CODE),
    identity: blob(answer.identity, ObjectType.IDENTITY),
    idcert: unb64(answer.idcert),
    keyring: readKeyring(answer.keyring)
  }
}

/** A request for the account key: its place, and the secret that asks for the answer. */
export type Requested = { id: string; secret: string; expiresIn: number }

/** Reads the answer to a request for the account key. */
export function readRequested(json: Json): Requested {
  const { request_id, secret, expires_in } = having(json, 'request_id', 'secret', 'expires_in')
  unb64(secret, 32)
  return { id: readId(request_id), secret: asString(secret), expiresIn: asCount(expires_in) }
}

/** Reads the sealed account key; null while nobody has answered. */
export function readSealed(json: Json): Bytes | null {
  return orNull(having(json, 'sealed').sealed, (value) => unb64(value, 1152))
}

/** A device that asks for the account key, as its signed-in fellow sees it. */
export type Asking = { id: string; device: string; network: string; xPk: Bytes; createdAt: string }

/** Reads the devices that ask. */
export function readAsking(json: Json): Asking[] {
  const { items, next } = having(json, 'items', 'next')
  if (next !== null) throw new Broken('a list that goes on')
  return asArray(items).map((item) => {
    const one = having(item, 'request_id', 'device', 'network', 'public_key', 'created_at')
    return {
      id: readId(one.request_id),
      device: asString(one.device),
      network: asString(one.network),
      xPk: unb64(one.public_key, 1216),
      createdAt: asString(one.created_at)
    }
  })
}

function readId(value: Json): string {
  const id = asString(value)
  idBytes(id)
  return id
}

function blob(value: Json, type: ObjectType): Bytes {
  const found = unb64(value)
  checkBlob(found, type)
  return found
}
