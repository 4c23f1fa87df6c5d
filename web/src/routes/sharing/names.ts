/** What a member is called on the screen. */
import { visible } from '../../lib/visible.ts'

/** The address, or what there is of an id. */
export function callOf({ email, userId }: { email: string; userId: string }): string {
  return email === '' ? `member ${userId.slice(0, 8)}` : visible(email)
}
