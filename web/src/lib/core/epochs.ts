/** Which of a vault's keys a reader needs today. */
import { currentEpoch, type Parts } from '../crypto/roster.ts'
import type { Contents } from './contents.ts'

/** The epochs of what is live, of the profile, and the current one. */
export function epochsInUse({ history, shown }: Contents, parts: Parts): Set<bigint> {
  const current = currentEpoch(parts)
  const live = [...shown.keys()].map((id) => history.state.secret(id)?.epoch ?? current)
  return new Set([...live, current, parts.profile?.epoch ?? current])
}
