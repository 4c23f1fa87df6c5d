/** What the server says of one's own account, read strictly. */
import { type Bytes, idBytes, parseU64, unb64 } from '../crypto/bytes.ts'
import type { Json } from '../crypto/json.ts'
import { asFlag, asString, having, orNull } from '../crypto/shape.ts'

/** A recovery that somebody has begun; times in RFC 3339. */
export type RunningRecovery = {
  begunAt: string
  readyAt: string
  device: string
  network: string
}

/** The account as the server describes it: nothing of it is secret, and nothing is proved. */
export type Profile = {
  userId: string
  email: string
  keyset: bigint
  salt: Bytes
  /** When the recovery code that holds was made. */
  recoveryCodeAt: string
  secondFactor: boolean
  /** Whether letters about reminders are wanted. */
  reminders: boolean
  recovery: RunningRecovery | null
}

function readRecovery(json: Json): RunningRecovery {
  const recovery = having(json, 'begun_at', 'ready_at', 'device', 'network')
  return {
    begunAt: asString(recovery.begun_at),
    readyAt: asString(recovery.ready_at),
    device: asString(recovery.device),
    network: asString(recovery.network)
  }
}

/** Reads a profile. */
export function readProfile(json: Json): Profile {
  const profile = having(
    json,
    'user_id',
    'email',
    'keyset',
    'salt',
    'recovery_code_at',
    'second_factor',
    'reminders',
    'recovery'
  )
  const userId = asString(profile.user_id)
  idBytes(userId)
  return {
    userId,
    email: asString(profile.email),
    keyset: parseU64(profile.keyset),
    salt: unb64(profile.salt, 16),
    recoveryCodeAt: asString(profile.recovery_code_at),
    secondFactor: asFlag(profile.second_factor),
    reminders: asFlag(profile.reminders),
    recovery: orNull(profile.recovery, readRecovery)
  }
}
