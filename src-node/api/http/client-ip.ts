/**
 * Where a request comes from, as Nacos sees it (nacos-http 5.2): behind a proxy the first address of `X-Forwarded-For`, or `X-Real-IP`, else the
 * socket's. A client can claim any: good enough to choose a version for it, never to trust it.
 */

import type { PlainRequest } from './plain/plain-port.ts'

/** As long as an IPv6 address with its zone. */
const charactersMax = 64

const claimed = (value: string | string[] | undefined): string => {
  const first = typeof value === 'string' ? (value.split(',', 1)[0] ?? '').trim() : ''
  return first.length <= charactersMax ? first : ''
}

export const socketIpOf = (request: PlainRequest): string => (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')

export const clientIpOf = (request: PlainRequest): string => {
  const { headers } = request
  return claimed(headers['x-forwarded-for']) || claimed(headers['x-real-ip']) || socketIpOf(request)
}
