/** Reads a QR code out of a picture, such as a photograph of the Emergency Kit. */
import { decodeQR } from 'qr/decode.js'

const LONGEST_SIDE = 1600
const PATIENCE_MS = 2000

/** The text of the code; null where there is none to be read. */
export async function scan(picture: Blob): Promise<string | null> {
  const bitmap = await createImageBitmap(picture)
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height))
  const [width, height] = [Math.round(bitmap.width * scale), Math.round(bitmap.height * scale)]
  const context = new OffscreenCanvas(width, height).getContext('2d')
  if (context === null) return null
  context.drawImage(bitmap, 0, 0, width, height)
  const { data } = context.getImageData(0, 0, width, height)
  try {
    return decodeQR({ width, height, data }, { timeLimit: PATIENCE_MS })
  } catch {
    return null
  }
}
