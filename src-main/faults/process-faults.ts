/**
 * Faults on processes, to practise with: kill -9, a stopped process and a blocked event loop. They go through the supervisor, so the restart policy
 * knows that the user did it, and each is written down. Real signals and a real standstill; nothing is simulated.
 */

import type { LogSink, Supervisor } from '../cluster/supervisor-runner.ts'
import type { ActionResult } from '../cluster/types.ts'

const longestBlockMs = 60_000

export interface ProcessFaults {
  readonly kill: (id: number) => ActionResult
  /** `ms` 1..60,000. */
  readonly block: (id: number, ms: number) => ActionResult
  /** SIGSTOP, and SIGCONT after `ms` (1..60,000) at the latest. Not on Windows, which has no such thing. */
  readonly pause: (id: number, ms: number) => ActionResult
  /** SIGCONT before the time. */
  readonly resume: (id: number) => ActionResult
}

const refuse = (code: 'wrong_state' | 'invalid', id: number, detail: string): ActionResult => ({
  ok: false,
  refusal: { code, nodeId: id, httpStatus: null, detail },
})

export const createProcessFaults = (
  supervisor: Pick<Supervisor, 'command' | 'send' | 'state'>,
  log: LogSink,
  platform: NodeJS.Platform = process.platform,
): ProcessFaults => ({
  kill: (id) => {
    const result = supervisor.command({ kind: 'kill', id })
    if (result.ok) log('warn', `Fault by the user: kill -9 of node ${id}`)
    return result
  },
  block: (id, ms) => {
    if (!Number.isInteger(ms) || ms < 1 || ms > longestBlockMs) return refuse('invalid', id, `a block lasts 1 to ${longestBlockMs} ms`)
    const running = supervisor.state().nodes.find((node) => node.id === id)?.phase.kind === 'running'
    if (!running || !supervisor.send(id, { kind: 'block-loop', ms })) return refuse('wrong_state', id, `node ${id} is not running: cannot block it`)
    log('warn', `Fault by the user: the event loop of node ${id} stands still for ${ms} ms`)
    return { ok: true }
  },
  pause: (id, ms) => {
    if (platform === 'win32') return refuse('wrong_state', id, 'Windows cannot stop a process and let it go on')
    const result = supervisor.command({ kind: 'pause', id, ms })
    if (result.ok) log('warn', `Fault by the user: SIGSTOP of node ${id} for ${ms} ms`)
    return result
  },
  resume: (id) => {
    const result = supervisor.command({ kind: 'resume', id })
    if (result.ok) log('warn', `Fault by the user: SIGCONT of node ${id}`)
    return result
  },
})
