/** QR codes as the path of a drawing. */
import { encodeQR } from 'qr'

/** The quiet zone that the standard asks for. */
const BORDER = 4

/** The dark modules of a QR code, on a square of `size` units. */
export function qrPath(text: string): { path: string; size: number } {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: BORDER })
  const path = rows
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('')
  return { path, size: rows.length }
}
