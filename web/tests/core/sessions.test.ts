/** The list of sessions, and what a session is called. */
import { expect, test } from 'vitest'
import { readSessions } from '../../src/lib/api/sessions.ts'
import { deviceName } from '../../src/lib/core/device-name.ts'
import { Broken } from '../../src/lib/crypto/errors.ts'
import type { Json } from '../../src/lib/crypto/json.ts'

const SESSION = {
  session_id: '11111111-1111-4111-8111-111111111111',
  device: 'Firefox on Linux',
  browser: true,
  network: '192.0.2.1',
  created_at: '2030-01-01T00:00:00Z',
  last_seen_at: '2030-01-02T00:00:00Z',
  expires_at: '2030-01-03T00:00:00Z',
  current: true
}

test('a session is shown with its device, its network and its times', () => {
  const { items, next } = readSessions({ items: [SESSION], next: null })

  expect(next).toBeNull()
  expect(items).toMatchObject([
    { device: 'Firefox on Linux', network: '192.0.2.1', browser: true, current: true }
  ])
})

test('a list of sessions is read strictly', () => {
  const lies: [string, Json][] = [
    ['session_id', '../current'],
    ['device', null],
    ['current', 'true'],
    ['browser', 1],
    ['last_seen_at', 0]
  ]
  for (const [key, lie] of lies) {
    const list = { items: [{ ...SESSION, [key]: lie }], next: null }
    expect(() => readSessions(list), key).toThrow(Broken)
  }
})

test('a browser calls itself by what it is and where it runs', () => {
  const agents = {
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36':
      'Chrome on Linux',
    'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0':
      'Edge on Windows',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1 Safari/605.1':
      'Safari on macOS',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Safari/604.1':
      'Safari on iPhone',
    'Mozilla/5.0 (Android 16; Mobile; rv:150.0) Gecko/150.0 Firefox/150.0': 'Firefox on Android',
    'something else': 'Web browser'
  }
  for (const [agent, name] of Object.entries(agents)) expect(deviceName(agent)).toBe(name)
})
