/** Health of the configuration store, and the operations that only a server with Derby inside has (nacos-http 6): asked here, they are told why not. */

import { noCache, send, textType } from '../errors.ts'
import type { HttpParts } from '../ports.ts'
import { jsonAnswer } from '../result.ts'
import type { Handler, Route } from '../router.ts'

const noDerby = 'The current storage mode is not Derby'
const notEmbedded = 'Limited to embedded storage mode'

const say =
  (code: number, message: string): Handler =>
  (_request, response) =>
    send(response, jsonAnswer({ code, message, data: null }))

/** Of v1, and of v2 and v3. */
const failure = 500
const serverError = 30_000

export const derbyRoutes = {
  v1: { access: 'admin', GET: say(failure, noDerby) },
  v3: { access: 'admin', GET: say(serverError, noDerby) },
  importV1: { access: 'admin', POST: say(failure, notEmbedded) },
  importV3: { access: 'admin', POST: say(serverError, notEmbedded) },
} as const satisfies Readonly<Record<string, Route>>

/** `UP`, or which database is not there; 200 in every case. */
export const createConfigHealthRoute = (parts: HttpParts): Route => ({
  access: 'open',
  GET: (_request, response) => {
    const status = parts.sharedStore?.status()
    const down = status !== undefined && status.health !== 'available'
    send(response, {
      status: 200,
      headers: ['Content-Type', textType, ...noCache],
      body: down ? 'DOWN:master db (the shared database) down. ' : 'UP',
    })
  },
})
