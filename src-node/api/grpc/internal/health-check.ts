/** HealthCheckRequest (nacos-grpc 3, step 7): that it is answered at all says that the connection lives and is registered. */

import { succeeded } from '../answers.ts'
import type { RequestHandler } from '../requests.ts'

const healthy = succeeded('HealthCheckResponse')

export const healthCheck: RequestHandler = {
  ...{ type: 'HealthCheckRequest', responseType: 'HealthCheckResponse', access: 'open' },
  handle: (_call, respond) => respond(healthy),
}
