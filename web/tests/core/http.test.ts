import { expect, test } from 'vitest'
import { type Answer, Http, Offline, Problem, type Request } from '../../src/lib/api/http.ts'
import { Broken } from '../../src/lib/crypto/errors.ts'
import { toCoreError } from '../../src/lib/core/failures.ts'

const problem = (status: number, slug: string, retryAfter: string | null = null): Answer => ({
  status,
  retryAfter,
  text: JSON.stringify({ type: `/problems/${slug}`, title: '', status })
})

const ok = (json: unknown): Answer => ({
  status: 200,
  retryAfter: null,
  text: JSON.stringify(json)
})

function server(answer: (request: Request, n: number) => Answer | Promise<Answer>): {
  http: Http
  asked: string[]
} {
  const asked: string[] = []
  const http = new Http(async (request) => {
    asked.push(`${request.method} ${request.path}`)
    return answer(request, asked.length)
  })
  return { http, asked }
}

test('a session that is over is refreshed once, for all who noticed it at the same time', async () => {
  let fresh = false
  const { http, asked } = server(({ path }) => {
    if (path === '/auth/sessions/refresh') {
      fresh = true
      return ok({ expires_in: 600 })
    }
    return fresh ? ok({ path }) : problem(401, 'session-ended')
  })

  const answers = await Promise.all([http.get('/api/a'), http.get('/api/b'), http.get('/api/c')])

  expect(answers.map((one) => (one as { path: string }).path)).toEqual([
    '/api/a',
    '/api/b',
    '/api/c'
  ])
  expect(asked.filter((one) => one === 'POST /auth/sessions/refresh')).toHaveLength(1)
})

test('a session that stays over is not refreshed again and again', async () => {
  const { http, asked } = server(({ path }) =>
    path === '/auth/sessions/refresh' ? ok({ expires_in: 600 }) : problem(401, 'not-signed-in')
  )

  await expect(http.get('/api/a')).rejects.toMatchObject({ slug: 'not-signed-in' })
  expect(asked).toEqual(['GET /api/a', 'POST /auth/sessions/refresh', 'GET /api/a'])
})

test('wrong credentials and logins are never refreshed', async () => {
  const { http, asked } = server(() => problem(401, 'wrong-credentials'))
  await expect(http.post('/auth/sessions', {})).rejects.toThrow(Problem)
  await expect(http.get('/api/a')).rejects.toThrow(Problem)

  expect(asked).toEqual(['POST /auth/sessions', 'GET /api/a'])
})

test('an answer that is not strict JSON is broken', async () => {
  for (const text of ['', '<html>', '{"a":1,"a":2}', '{"a":1e999}', '[1']) {
    const { http } = server(() => ({ status: 200, retryAfter: null, text }))
    await expect(http.get('/api/a')).rejects.toThrow(Broken)
  }
})

test('every failure has one code, and says when to try again', async () => {
  const codes: [Answer, object][] = [
    [problem(409, 'stale-head'), { code: 'stale' }],
    [problem(409, 'account-exists'), { code: 'account-exists' }],
    [problem(401, 'wrong-credentials'), { code: 'wrong-credentials' }],
    [problem(429, 'too-many-requests', '17'), { code: 'too-many-requests', retryAfter: 17 }],
    [problem(503, 'unavailable', '2'), { code: 'unavailable', retryAfter: 2 }],
    [problem(500, 'internal', 'soon'), { code: 'unavailable' }],
    [{ status: 502, retryAfter: null, text: '<html>' }, { code: 'unavailable' }],
    [
      { status: 429, retryAfter: '5', text: '' },
      { code: 'too-many-requests', retryAfter: 5 }
    ],
    [problem(403, 'forbidden'), { code: 'refused' }],
    [problem(404, 'not-found'), { code: 'refused' }],
    [problem(422, 'invalid'), { code: 'refused' }]
  ]
  for (const [answer, expected] of codes) {
    const { http } = server(() => answer)
    const thrown: unknown = await http.get('/auth/x').catch((ex: unknown) => ex)
    expect(toCoreError(thrown)).toMatchObject(expected)
  }
  const { http } = server(() => Promise.reject(new Offline('no answer')))
  const thrown: unknown = await http.get('/api/a').catch((ex: unknown) => ex)
  expect(toCoreError(thrown)).toMatchObject({ code: 'offline' })
})
