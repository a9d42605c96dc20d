/** Which requests a console on loopback answers at all. Pure: every web page in the user's browser is hostile, and so is its DNS. */

import type { IncomingHttpHeaders } from 'node:http'

export interface RequestHead {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  /** The port that the server listens on. */
  readonly port: number
}

/** Names by which only this machine can mean itself. */
const hosts = ['127.0.0.1', 'localhost', '[::1]']

export function hostAllowed(host: string | undefined, port: number): boolean {
  return host !== undefined && hosts.some((name) => host.toLowerCase() === `${name}:${port}`)
}

/** The page that asks must be ours, at the very address it was asked at. */
export function originAllowed(origin: string, host: string): boolean {
  return origin.toLowerCase() === `http://${host.toLowerCase()}`
}

/** A reason to refuse, in words for the answer's body; null lets it pass. */
export function refuseRequest({ method, headers, port }: RequestHead): string | null {
  const { host, origin } = headers
  if (!hostAllowed(host, port)) return 'This console answers only to its own loopback address.'
  if (origin !== undefined && !originAllowed(origin, host ?? '')) return 'This console does not answer pages of another origin.'
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'none' || site === 'same-origin') return null
  // Following a link from another page is harmless: nobody but the user sees the answer.
  const opensPage = method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
  return opensPage ? null : 'This console does not answer requests made by other sites.'
}

/** A WebSocket always carries an Origin from a browser; without one it is no browser, and no console of ours. */
export function refuseUpgrade(head: RequestHead): string | null {
  return refuseRequest(head) ?? (head.headers.origin === undefined ? 'A console socket must say its origin.' : null)
}
