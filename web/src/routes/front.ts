/** The screens in front of the vaults that have an address of their own. */
import type { Component } from 'svelte'

/** By address; each is fetched when it is wanted. */
export const FRONT: Record<string, () => Promise<{ default: Component }>> = {
  '/join': () => import('./Join.svelte'),
  '/new-device': () => import('./NewDevice.svelte'),
  '/once': () => import('./Once.svelte'),
  '/recover': () => import('./Recover.svelte'),
  '/sign-up': () => import('./SignUp.svelte'),
  '/verify': () => import('./Verify.svelte')
}
