/** Liveness (the process answers) and readiness (it serves), as probes of Nacos expect them (nacos-http 12.2). */

import { noCache, send, textType } from '../errors.ts'
import type { HttpParts } from '../ports.ts'
import type { Route } from '../router.ts'

const headers = ['Content-Type', textType, ...noCache]

export const livenessRoute: Route = {
  access: 'open',
  GET: (_request, response) => send(response, { status: 200, headers, body: 'OK' }),
}

export const createReadinessRoute = (parts: HttpParts): Route => ({
  access: 'open',
  GET: (_request, response) => {
    const ready = parts.status().serving
    send(response, ready ? { status: 200, headers, body: 'OK' } : { status: 500, headers, body: 'config not in readiness' })
  },
})
