/** The core as the page sees it: keys, verification and the server, behind one interface. */
export { CoreError } from './errors.ts'
export type { Access, VaultLog, Verified } from './log.ts'
export type { Name } from './names.ts'
export type { Change } from './told.ts'
export type { Calendar, DueRow } from './reminders.ts'
export type { Due } from './expiry.ts'
export type { DeletedRow, OldRow, Use, VaultThen, Version } from './versions.ts'
export type { CoreErrorCode } from './errors.ts'
export { startCore } from './proxy.ts'
export type {
  Check,
  Core,
  Details,
  Factors,
  Field,
  Head,
  Kind,
  Overview,
  PasskeyAnswer,
  PasskeyRequest,
  Progress,
  Role,
  Row,
  Status,
  Told,
  Vault,
  Written
} from './types.ts'
