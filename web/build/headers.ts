/** The headers of each path; whoever serves the page reads them from `dist/headers.json`. */
import { isWorker } from './files.ts'
import { importMapSource } from './integrity.ts'

type Headers = Record<string, string>
/** Headers for one path, or for all under it where it ends in a slash. */
export type Rule = { path: string; headers: Headers }

const OFF = [
  'accelerometer',
  'autoplay',
  'camera',
  'clipboard-read',
  'display-capture',
  'encrypted-media',
  'fullscreen',
  'geolocation',
  'gyroscope',
  'hid',
  'idle-detection',
  'local-fonts',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'picture-in-picture',
  'screen-wake-lock',
  'serial',
  'storage-access',
  'usb',
  'xr-spatial-tracking'
]
const ON = ['clipboard-write', 'publickey-credentials-create', 'publickey-credentials-get']

const ALWAYS: Headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': [
    ...OFF.map((feature) => `${feature}=()`),
    ...ON.map((feature) => `${feature}=(self)`)
  ].join(', '),
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains; preload',
  'X-Content-Type-Options': 'nosniff'
}
const FOREVER: Headers = { 'Cache-Control': 'public, max-age=31536000, immutable' }
const ASK_AGAIN: Headers = { 'Cache-Control': 'no-cache' }

const policy = (...directives: string[]): string => directives.join('; ')

function pagePolicy(html: string): string {
  return policy(
    "default-src 'none'",
    `script-src 'self' ${importMapSource(html)}`,
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types keyarc'
  )
}

/** Only the worker that derives keys compiles WebAssembly. */
function workerPolicy(path: string): string {
  const wasm = path.startsWith('/assets/kdf.worker-') ? " 'wasm-unsafe-eval'" : ''
  return policy(
    "default-src 'none'",
    `script-src 'self'${wasm}`,
    "connect-src 'self'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'"
  )
}

/** An exact path goes before the longest prefix; `/` is the page and everything else. */
export function rules(html: string, files: string[]): Rule[] {
  const workers = files.filter(isWorker).map((path) => ({
    path,
    headers: { ...ALWAYS, ...FOREVER, 'Content-Security-Policy': workerPolicy(path) }
  }))
  const page = {
    ...ALWAYS,
    ...ASK_AGAIN,
    'Content-Security-Policy': pagePolicy(html),
    'Integrity-Policy': 'blocked-destinations=(script)'
  }
  return [
    ...workers,
    { path: '/assets/', headers: { ...ALWAYS, ...FOREVER } },
    { path: '/', headers: page }
  ]
}
