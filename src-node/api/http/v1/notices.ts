/** `GET /v1/cs/communication/notices`: what this node told its followers and was told itself, in numbers since its start. Ours. */

import { jsonType, noCache, send } from '../errors.ts'
import type { HttpParts } from '../ports.ts'
import type { Route } from '../router.ts'

const headers = ['Content-Type', jsonType, ...noCache] as const

export const createNoticesRoute = ({ notices }: HttpParts): Route => ({
  access: 'admin',
  GET: (_request, response) => send(response, { status: 200, headers, body: JSON.stringify(notices.view()) }),
})
