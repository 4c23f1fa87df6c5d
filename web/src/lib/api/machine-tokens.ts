/** The server's answers about machine tokens, read strictly. */
import { idBytes } from '../crypto/bytes.ts'
import type { Json } from '../crypto/json.ts'
import { asArray, asFlag, asString, having, orNull } from '../crypto/shape.ts'

/** A machine token as its owner recognises it; times in RFC 3339. */
export type Machine = {
  id: string
  name: string
  vaultIds: string[]
  createdAt: string
  expiresAt: string | null
  lastUsedAt: string | null
  revokedAt: string | null
  expired: boolean
}

function readId(json: Json): string {
  const id = asString(json)
  idBytes(id)
  return id
}

function readMachine(json: Json): Machine {
  const machine = having(
    json,
    'machine_id',
    'name',
    'vaults',
    'created_at',
    'expires_at',
    'last_used_at',
    'revoked_at',
    'expired'
  )
  return {
    id: readId(machine.machine_id),
    name: asString(machine.name),
    vaultIds: asArray(machine.vaults).map(readId),
    createdAt: asString(machine.created_at),
    expiresAt: orNull(machine.expires_at, asString),
    lastUsedAt: orNull(machine.last_used_at, asString),
    revokedAt: orNull(machine.revoked_at, asString),
    expired: asFlag(machine.expired)
  }
}

/** Reads the list of machine tokens. */
export function readMachines(json: Json): Machine[] {
  return asArray(having(json, 'items').items).map(readMachine)
}
