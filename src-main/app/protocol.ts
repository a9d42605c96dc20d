/** Serves the renderer's files as `app://console/…`, the same list with the same headers that a browser gets. Nothing else answers there. */

import { protocol, type Session } from 'electron'
import type { Bundle } from '../console/bundle.ts'
import { appOrigin, isOurs, scheme } from './security-rules.ts'

/** Must run before the app is ready. */
export function announceScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true, corsEnabled: false, stream: false } },
  ])
}

export function serveBundle(session: Session, bundle: Bundle): void {
  session.protocol.handle(scheme, async (request) => {
    if (request.method !== 'GET' || !isOurs(request.url, [appOrigin])) return new Response('not found\n', { status: 404 })
    const { status, headers, body } = await bundle.answer(new URL(request.url).pathname)
    return new Response(new Uint8Array(body), { status, headers: { ...headers } })
  })
}
