/**
 * Turns the question who a caller is on and off while nodes run: kept first, then told to each node; one that is down learns it when it starts. A
 * switch that cannot be kept changes nothing.
 */

import type { AuthSetting } from './auth-setting.ts'
import type { NodeOrders } from './node-orders.ts'
import type { LogSink } from './supervisor-runner.ts'
import type { ActionResult } from './types.ts'

export interface AuthSwitch {
  readonly isOn: () => boolean
  /** Resolves when every node that answers has taken it. */
  readonly switchTo: (on: boolean) => Promise<ActionResult>
}

export interface AuthSwitchParts {
  readonly setting: AuthSetting
  readonly ids: () => readonly number[]
  readonly give: NodeOrders['give']
  readonly log: LogSink
  /** Called once it is kept: consoles show it at once. */
  readonly changed: () => void
}

/** A node that stands still takes it when it goes on; nobody waits for that. */
const answersWithinMs = 2_000

export const createAuthSwitch = ({ setting, ids, give, log, changed }: AuthSwitchParts): AuthSwitch => ({
  isOn: setting.isOn,
  switchTo: async (on) => {
    try {
      setting.choose(on)
    } catch (error) {
      const detail = `auth.json cannot be written, nothing was changed: ${error instanceof Error ? error.message : String(error)}`
      return { ok: false, refusal: { code: 'internal', nodeId: null, httpStatus: null, detail } }
    }
    log('info', on ? 'Callers are asked who they are from now on' : 'Callers are not asked who they are any more')
    changed()
    const told = Promise.all(ids().map((id) => give(id, { kind: 'auth', on })))
    let late: NodeJS.Timeout | undefined
    await Promise.race([told, new Promise((resolve) => (late = setTimeout(resolve, answersWithinMs)))])
    clearTimeout(late)
    return { ok: true }
  },
})
