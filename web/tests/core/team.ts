/** A vault of one owner, and people who come to it. */
import type { Any } from './refusal.ts'
import { Town } from './town.ts'
import { type Browser, details, overview, PASSWORD } from './world.ts'

export const ANN = 'ann@example.com'
export const BOB = 'bob@example.com'
export const CAT = 'cat@example.com'

/** Ann owns the vault; Bob and Cat have accounts and are not in it yet. */
export class Team {
  readonly town = new Town()
  ann!: Browser
  bob!: Browser
  vault = ''

  static async gather(): Promise<Team> {
    const team = new Team()
    team.ann = await team.town.settle(ANN)
    team.bob = await team.town.settle(BOB)
    const { vaults } = team.ann.core
    team.vault = (await vaults.create({ name: 'Team', description: '', icon: 'box' })).id
    await vaults.save(team.vault, null, overview('A'), details('a'))
    return team
  }

  /** The secret of a new link. */
  async invited(): Promise<string> {
    const { links } = this.ann.core
    return (await links.make(this.vault, { role: 'member', days: 1, email: BOB })).secret
  }

  async bobJoins(): Promise<void> {
    await this.bob.core.joining.accept(await this.invited())
  }

  /** Adds somebody by their words; resolves to those of the newcomer. */
  async add(email: string, role: 'member' | 'viewer' = 'member'): Promise<string[]> {
    const { userId, words } = await this.ann.core.members.find(email)
    await this.ann.core.members.add(this.vault, { userId, email, role, seen: words })
    return words
  }

  async catJoins(): Promise<Browser> {
    const cat = await this.town.settle(CAT)
    await this.add(CAT)
    const { words } = await cat.core.waiting.look(this.vault)
    await cat.core.waiting.accept(this.vault, words)
    return cat
  }

  /** Changes one answer, whatever its query, until `honest` is called. */
  answering(path: string, change: (answer: Any) => unknown): void {
    this.town.tamper = (request, answer) =>
      request.path.split('?')[0] === path ? change(answer as Any) : answer
  }

  honest(): void {
    this.town.tamper = (_, answer) => answer
  }
}

export async function reopen(browser: Browser): Promise<void> {
  browser.lock()
  await browser.core.entrance.unlock({ password: PASSWORD })
}

export async function idOf(browser: Browser): Promise<string> {
  const status = await browser.core.entrance.status()
  return status.state === 'open' ? status.userId : ''
}
