/** The values of many secrets at once, read strictly. */
import { type Bytes, idBytes, parseU64, unb64 } from '../crypto/bytes.ts'
import { checkBlob, ObjectType } from '../crypto/encoding.ts'
import type { Json } from '../crypto/json.ts'
import { asArray, asString, having } from '../crypto/shape.ts'

/** The values of one version of a secret. */
export type SealedValues = { secretId: string; version: bigint; epoch: bigint; details: Bytes }

/** Reads the values that were asked for. */
export function readSealedValues(json: Json): SealedValues[] {
  return asArray(having(json, 'items').items).map((item) => {
    const secret = having(item, 'secret_id', 'version', 'epoch', 'details')
    const secretId = asString(secret.secret_id)
    idBytes(secretId)
    const details = unb64(secret.details)
    checkBlob(details, ObjectType.SECRET_DETAILS)
    return { secretId, version: parseU64(secret.version), epoch: parseU64(secret.epoch), details }
  })
}
