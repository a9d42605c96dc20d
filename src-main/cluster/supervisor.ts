/**
 * The supervisor's judgement as a pure reducer: (state, input, now) -> (state, effects, answer).
 *
 * It promises: one process per node at most; news of a dead process changes nothing; a stop always ends (ask, SIGTERM, SIGKILL); nothing is
 * restarted while the cluster is being stopped. It must never spawn, signal, wait or read a clock itself: the runner does that.
 */

import type { Refusal } from '../contract/errors.ts'
import { describeExit } from './exit-reason.ts'
import { afterHealthy, decideRestart, noFailures } from './restart-policy.ts'
import {
  atRest,
  type Command,
  type Effect,
  hasProcess,
  helloLimitMs,
  type Input,
  longestPauseMs,
  type News,
  type NodeState,
  type NodeStep,
  roomLookMs,
  type Step,
  type SupervisorState,
  stopLimits,
} from './supervisor-state.ts'
import type { ActionResult, Instant } from './types.ts'

const ok: ActionResult = { ok: true }

const refuse = (code: Refusal['code'], id: number | null, detail: string): ActionResult => ({
  ok: false,
  refusal: { code, nodeId: id, httpStatus: null, detail },
})

const replaced = (state: SupervisorState, node: NodeState): SupervisorState => ({
  ...state,
  nodes: state.nodes.map((other) => (other.id === node.id ? node : other)),
})

const log = (level: 'info' | 'warn' | 'error', text: string): Effect => ({ kind: 'log', level, text })

const spawn = (node: NodeState): NodeStep => ({
  node: {
    ...node,
    phase: { kind: 'starting', greeted: false },
    life: node.life + 1,
    pid: null,
    healthy: false,
    paused: false,
    killedFor: null,
    farewell: null,
  },
  effects: [
    { kind: 'clear-timer', id: node.id, name: 'restart' },
    { kind: 'spawn', id: node.id, life: node.life + 1 },
    { kind: 'set-timer', id: node.id, name: 'hello', delayMs: helloLimitMs },
  ],
})

/** A start by the user: the budget is full again. */
const freshStart = (node: NodeState): NodeStep => spawn({ ...node, history: noFailures, restarts: 0 })

/** A paused worker hears nothing: whoever wants something of it lets it go on first. */
const letGoOn = (node: NodeState): NodeStep => ({
  node: { ...node, paused: false },
  effects: node.paused
    ? [
        { kind: 'clear-timer', id: node.id, name: 'resume' },
        { kind: 'signal', id: node.id, signal: 'SIGCONT' },
      ]
    : [],
})

const askToStop = (node: NodeState, afterwards: 'stay' | 'start'): NodeStep => ({
  node: { ...node, paused: false, phase: { kind: 'stopping', step: 'ask', afterwards } },
  effects: [
    ...letGoOn(node).effects,
    log('info', `Asking node ${node.id} to stop${afterwards === 'start' ? ', to start it again' : ''}`),
    { kind: 'clear-timer', id: node.id, name: 'hello' },
    { kind: 'send-stop', id: node.id },
    { kind: 'set-timer', id: node.id, name: 'stop', delayMs: stopLimits.askMs },
  ],
})

const kill = (node: NodeState, killedFor: 'user' | 'slow-stop' | 'no-hello'): NodeStep => ({
  node: { ...node, killedFor, phase: node.phase.kind === 'stopping' ? { ...node.phase, step: 'kill' } : node.phase },
  effects: [{ kind: 'signal', id: node.id, signal: 'SIGKILL' }],
})

/** Nothing to end: whatever was planned for this node is off. */
const settleDown = (node: NodeState): NodeStep => ({
  node: { ...node, phase: { kind: 'stopped' } },
  effects: [{ kind: 'clear-timer', id: node.id, name: 'restart' }],
})

// --- commands on one node -------------------------------------------------------------------------------------------------------------

type ListChange = Extract<Command, { kind: 'enlist' | 'dismiss' }>
type NodeCommand = Exclude<Extract<Command, { id: number }>, ListChange>
type NodeAnswer = NodeStep | ActionResult

const wrongState = (node: NodeState, wish: string): ActionResult =>
  refuse('wrong_state', node.id, `node ${node.id} is ${node.phase.kind}: cannot ${wish} it`)

const startOne = (node: NodeState): NodeAnswer => (hasProcess(node) ? wrongState(node, 'start') : freshStart(node))

const stopOne = (node: NodeState): NodeAnswer => {
  if (node.phase.kind === 'stopped' || node.phase.kind === 'crashed') return wrongState(node, 'stop')
  if (node.phase.kind === 'waiting') return settleDown(node)
  if (node.phase.kind === 'stopping') return { node: { ...node, phase: { ...node.phase, afterwards: 'stay' } }, effects: [] }
  return askToStop(node, 'stay')
}

const restartOne = (node: NodeState): NodeAnswer => {
  if (node.phase.kind === 'stopping') return wrongState(node, 'restart')
  return hasProcess(node) ? askToStop(node, 'start') : freshStart(node)
}

const killOne = (node: NodeState): NodeAnswer => (hasProcess(node) ? kill(node, 'user') : wrongState(node, 'kill'))

/** Only a node that runs: one that starts or stops is under a time limit of ours, and would be ended for its silence. */
const pauseOne = (node: NodeState, ms: number): NodeAnswer => {
  if (!Number.isInteger(ms) || ms < 1 || ms > longestPauseMs) return refuse('invalid', node.id, `a pause lasts 1 to ${longestPauseMs} ms`)
  if (node.phase.kind !== 'running') return wrongState(node, 'pause')
  return {
    node: { ...node, paused: true },
    effects: [
      { kind: 'signal', id: node.id, signal: 'SIGSTOP' },
      { kind: 'set-timer', id: node.id, name: 'resume', delayMs: ms },
    ],
  }
}

const resumeOne = (node: NodeState): NodeAnswer => (node.paused ? letGoOn(node) : refuse('wrong_state', node.id, `node ${node.id} is not paused`))

const nodeCommands: { readonly [Kind in NodeCommand['kind']]: (node: NodeState, command: Extract<NodeCommand, { kind: Kind }>) => NodeAnswer } = {
  start: startOne,
  stop: stopOne,
  restart: restartOne,
  kill: killOne,
  pause: (node, { ms }) => pauseOne(node, ms),
  resume: resumeOne,
}

const answerOf = <Kind extends NodeCommand['kind']>(node: NodeState, input: Extract<NodeCommand, { kind: Kind }>): NodeAnswer =>
  nodeCommands[input.kind as Kind](node, input)

// --- the whole cluster ----------------------------------------------------------------------------------------------------------------

const applyEach = (state: SupervisorState, rule: (node: NodeState) => NodeStep | null): { state: SupervisorState; effects: Effect[] } => {
  const effects: Effect[] = []
  const nodes = state.nodes.map((node) => {
    const step = rule(node)
    if (step === null) return node
    effects.push(...step.effects)
    return step.node
  })
  return { state: { ...state, nodes }, effects }
}

/** A running stop becomes a full one even if it was meant as a restart. */
const stopForGood = (node: NodeState): NodeStep | null => {
  if (node.phase.kind === 'stopping') return { node: { ...node, phase: { ...node.phase, afterwards: 'stay' } }, effects: [] }
  return hasProcess(node) ? askToStop(node, 'stay') : settleDown(node)
}

const stopAll = (state: SupervisorState, leaderId: number | null): Step => {
  if (state.shutdown !== null) return { state, effects: [], result: ok }
  const followersLive = state.nodes.some((node) => node.id !== leaderId && hasProcess(node))
  const leaderWaits = leaderId !== null && followersLive
  const stopped = applyEach(state, (node) => (leaderWaits && node.id === leaderId ? null : stopForGood(node)))
  const timers: Effect[] = [{ kind: 'set-timer', id: 0, name: 'whole-stop', delayMs: stopLimits.wholeMs }]
  if (leaderWaits) timers.push({ kind: 'set-timer', id: 0, name: 'leader-turn', delayMs: stopLimits.leaderTurnMs })
  const shutdown = { leaderId, leaderAsked: !leaderWaits }
  return settleShutdown({ ...stopped.state, shutdown }, [...stopped.effects, ...timers])
}

const askLeader = (state: SupervisorState, effects: readonly Effect[]): Step => {
  const leaderId = state.shutdown?.leaderId ?? null
  const asked = applyEach(state, (node) => (node.id === leaderId ? stopForGood(node) : null))
  const clear: Effect = { kind: 'clear-timer', id: 0, name: 'leader-turn' }
  return settleShutdown({ ...asked.state, shutdown: { leaderId, leaderAsked: true } }, [...effects, clear, ...asked.effects])
}

/** Moves a shutdown on when its condition is met: the leader's turn, then the end. */
const settleShutdown = (state: SupervisorState, effects: readonly Effect[]): Step => {
  const shutdown = state.shutdown
  if (shutdown === null) return { state, effects, result: ok }
  const living = state.nodes.filter(hasProcess)
  if (!shutdown.leaderAsked && living.every((node) => node.id === shutdown.leaderId)) return askLeader(state, effects)
  if (living.length > 0) return { state, effects, result: ok }
  const clear: Effect[] = (['leader-turn', 'whole-stop'] as const).map((name) => ({ kind: 'clear-timer', id: 0, name }))
  return { state: { ...state, shutdown: null }, effects: [...effects, ...clear, log('info', 'All nodes are down')], result: ok }
}

const killAll = (state: SupervisorState): Step => {
  const killed = applyEach(state, (node) => (hasProcess(node) ? kill(node, 'slow-stop') : null))
  return { state: killed.state, effects: killed.effects, result: ok }
}

const isListChange = (input: Input): input is ListChange => input.kind === 'enlist' || input.kind === 'dismiss'

/** A node more or less. The list stays in the order of ids. */
const changeList = (state: SupervisorState, { kind, id }: ListChange): Step => {
  const known = state.nodes.find((node) => node.id === id)
  const refused = (result: ActionResult): Step => ({ state, effects: [], result })
  if (kind === 'enlist') {
    if (known !== undefined) return refused(refuse('wrong_state', id, `there is a node ${id} already`))
    return { state: { ...state, nodes: [...state.nodes, atRest(id)].sort((a, b) => a.id - b.id) }, effects: [], result: ok }
  }
  if (known === undefined) return refused(refuse('not_found', null, `there is no node ${id}`))
  if (hasProcess(known)) return refused(wrongState(known, 'forget'))
  return { state: { ...state, nodes: state.nodes.filter((node) => node.id !== id) }, effects: settleDown(known).effects, result: ok }
}

const command = (state: SupervisorState, input: Command): Step => {
  if (input.kind === 'stop-all') return stopAll(state, input.leaderId)
  if (input.kind === 'hurry') return state.shutdown === null ? { state, effects: [], result: ok } : killAll(state)
  const refused = (result: ActionResult): Step => ({ state, effects: [], result })
  if (state.shutdown !== null && input.kind !== 'kill') return refused(refuse('wrong_state', null, 'the cluster is being stopped'))
  if (input.kind === 'start-all') {
    const started = applyEach(state, (node) => (hasProcess(node) ? null : freshStart(node)))
    return { ...started, result: ok }
  }
  if (isListChange(input)) return changeList(state, input)
  const node = state.nodes.find((candidate) => candidate.id === input.id)
  if (node === undefined) return refused(refuse('not_found', null, `there is no node ${input.id}`))
  const answer = answerOf(node, input)
  if ('ok' in answer) return refused(answer)
  return { state: replaced(state, answer.node), effects: answer.effects, result: ok }
}

// --- news of one process --------------------------------------------------------------------------------------------------------------

const crashWords = {
  budget: 'it failed five times within a minute',
  'data-damaged': 'its data is damaged',
  'data-read-only': 'its data may not be written to',
  'bad-options': 'its settings are refused',
  'store-refused': "the shared database is not this cluster's",
} as const

/** What people may do about it besides starting it again. */
const offerOf = (why: keyof typeof crashWords, id: number): string =>
  why === 'data-damaged' || why === 'data-read-only'
    ? `; while a majority of the others serves, "rebuild ${id}" brings it back from them and keeps its folder aside`
    : ''

/** Next state after an exit that nobody asked for, by policy. */
const afterUnwantedExit = (node: NodeState, now: Instant): NodeStep => {
  const exit = node.lastExit
  if (exit === null) return { node, effects: [] }
  const decision = decideRestart({ kind: exit.kind, code: exit.code, signal: exit.signal, wasHealthy: node.healthy }, node.history, now.monoMs)
  if (decision.kind === 'crashed') {
    const why = crashWords[decision.why]
    const offer = offerOf(decision.why, node.id)
    const lastExit = { ...exit, reason: `${exit.reason}; not started again: ${why}${offer}` }
    return {
      node: { ...node, lastExit, history: decision.history, phase: { kind: 'crashed' } },
      effects: [log('error', `Node ${node.id} stays down: ${why}; start it again by hand${offer === '' ? '' : ' once that is mended'}${offer}`)],
    }
  }
  const { delayMs, history } = decision
  const needsRoom = decision.kind === 'when-room'
  const lastExit = needsRoom ? { ...exit, reason: `${exit.reason}; it starts by itself once there is room` } : exit
  return {
    node: { ...node, lastExit, history, phase: { kind: 'waiting', restartAtMs: now.monoMs + delayMs, needsRoom } },
    effects: [
      { kind: 'set-timer', id: node.id, name: 'restart', delayMs },
      log('info', needsRoom ? `Node ${node.id} waits for room on its disk` : `Node ${node.id} starts again in ${delayMs} ms`),
    ],
  }
}

const exited = (node: NodeState, news: Extract<News, { kind: 'exited' }>, context: { now: Instant; shuttingDown: boolean }): NodeStep => {
  const asked = node.phase.kind === 'stopping'
  const said = describeExit(news, { asked, killedFor: node.killedFor, farewell: node.farewell, lastLine: news.lastLine })
  const lastExit = { atMs: context.now.wallMs, code: news.code, signal: news.signal, ...said }
  const quiet = said.kind === 'asked' || said.kind === 'clean'
  const down: NodeState = { ...node, pid: null, paused: false, lastExit }
  const wantsStart = node.phase.kind === 'stopping' && node.phase.afterwards === 'start'
  const next =
    context.shuttingDown || (node.phase.kind === 'stopping' && !wantsStart)
      ? settleDown(down)
      : wantsStart
        ? freshStart(down)
        : afterUnwantedExit(down, context.now)
  const effects: Effect[] = [
    { kind: 'clear-timer', id: node.id, name: 'stop' },
    { kind: 'clear-timer', id: node.id, name: 'hello' },
    { kind: 'clear-timer', id: node.id, name: 'resume' },
    log(quiet ? 'info' : 'warn', `Node ${node.id} (pid ${node.pid ?? 'unknown'}) is down: ${said.reason}`),
    { kind: 'exited', id: node.id, pid: node.pid, exit: next.node.lastExit ?? lastExit },
  ]
  return { node: next.node, effects: [...effects, ...next.effects] }
}

const stopTimer = (node: NodeState): NodeStep | null => {
  if (node.phase.kind !== 'stopping') return null
  if (node.phase.step !== 'ask') return kill(node, 'slow-stop')
  return {
    node: { ...node, phase: { ...node.phase, step: 'term' } },
    effects: [
      log('warn', `Node ${node.id} has not stopped after ${stopLimits.askMs} ms: sending SIGTERM`),
      { kind: 'signal', id: node.id, signal: 'SIGTERM' },
      { kind: 'set-timer', id: node.id, name: 'stop', delayMs: stopLimits.termMs },
    ],
  }
}

const nodeTimer = (node: NodeState, name: Extract<News, { kind: 'timer' }>['name']): NodeStep | null => {
  if (name === 'stop') return stopTimer(node)
  if (name === 'resume') return node.paused ? letGoOn(node) : null
  if (name === 'hello') return node.phase.kind === 'starting' && !node.phase.greeted ? kill(node, 'no-hello') : null
  if (name !== 'restart' || node.phase.kind !== 'waiting') return null
  if (node.phase.needsRoom) return { node, effects: [{ kind: 'look-for-room', id: node.id }] }
  return spawn({ ...node, restarts: node.restarts + 1 })
}

/** Null: it waits for nothing of the kind any more. */
const roomNews = (node: NodeState, found: boolean, now: Instant): NodeStep | null => {
  if (node.phase.kind !== 'waiting' || !node.phase.needsRoom) return null
  if (found) return spawn({ ...node, restarts: node.restarts + 1 })
  return {
    node: { ...node, phase: { ...node.phase, restartAtMs: now.monoMs + roomLookMs } },
    effects: [{ kind: 'set-timer', id: node.id, name: 'restart', delayMs: roomLookMs }],
  }
}

const hello = (node: NodeState): NodeStep => ({
  node: node.phase.kind === 'starting' ? { ...node, phase: { kind: 'starting', greeted: true } } : node,
  effects: [
    { kind: 'clear-timer', id: node.id, name: 'hello' },
    { kind: 'send-start', id: node.id },
  ],
})

/** Null: the news is about a process that is no more, or changes nothing. */
const nodeNews = (node: NodeState, news: News, context: { now: Instant; shuttingDown: boolean }): NodeStep | null => {
  if (news.kind === 'timer') return nodeTimer(node, news.name)
  if (news.kind === 'room') return roomNews(node, news.found, context.now)
  if (news.life !== node.life || !hasProcess(node)) return null
  switch (news.kind) {
    case 'spawned':
      return { node: { ...node, pid: news.pid }, effects: [log('info', `Node ${node.id} started, pid ${news.pid}`)] }
    case 'hello':
      // A worker that was asked to stop before it greeted must not begin to work.
      return node.phase.kind === 'starting' ? hello(node) : null
    case 'listening':
      return node.phase.kind === 'starting' ? { node: { ...node, phase: { kind: 'running' } }, effects: [] } : null
    case 'serving':
      return node.healthy ? null : { node: { ...node, healthy: true, history: afterHealthy(node.history) }, effects: [] }
    case 'bye':
      return { node: { ...node, farewell: news.farewell }, effects: [] }
    case 'exited':
      return exited(node, news, context)
  }
}

const clusterTimer = (state: SupervisorState, news: Extract<News, { kind: 'timer' }>): Step => {
  if (state.shutdown === null) return { state, effects: [], result: ok }
  if (news.name === 'leader-turn' && !state.shutdown.leaderAsked) return askLeader(state, [])
  return news.name === 'whole-stop' ? killAll(state) : { state, effects: [], result: ok }
}

const isCommand = (input: Input): input is Command =>
  input.kind === 'start-all' || input.kind === 'stop-all' || input.kind === 'hurry' || isListChange(input) || Object.hasOwn(nodeCommands, input.kind)

/** One step of the supervisor. Total: any input in any state has an answer. */
export const supervise = (state: SupervisorState, input: Input, now: Instant): Step => {
  if (isCommand(input)) return command(state, input)
  if (input.kind === 'timer' && input.id === 0) return clusterTimer(state, input)
  const node = state.nodes.find((candidate) => candidate.id === input.id)
  const step = node === undefined ? null : nodeNews(node, input, { now, shuttingDown: state.shutdown !== null })
  if (step === null) return { state, effects: [], result: ok }
  return settleShutdown(replaced(state, step.node), step.effects)
}
