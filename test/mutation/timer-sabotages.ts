/** Sabotages of naming's timers and of what follows from them: beats, graces, repairs, checks, pushes. */

import { tenantsAsleep, tenantsCutOff, tenantsUnderNewLeaders } from './lives.ts'
import type { Sabotage } from './sabotages.ts'

const rounds = 'src-node/naming/leader-rounds.ts'
const own = 'src-node/naming/own-publications.ts'
const beats = 'src-node/naming/beats.ts'
const area = 'src-node/state-machine/areas/naming-area.ts'

const apply = 'src-node/state-machine/areas/naming-apply.ts'

export const timerSabotages: readonly Sabotage[] = [
  {
    name: 'what operators said goes with the connection',
    file: apply,
    find: '  const override = before === undefined ? takeOverride(tables, step, service, address) : before.override\n',
    instead: '  const override = before?.override ?? null\n',
    breaks: 'what an operator said holds when a client reconnects',
  },
  {
    name: 'instances named in the order of the memory',
    file: apply,
    find: '[...service.instances.keys()].sort()',
    instead: '[...service.instances.keys()]',
    breaks: 'equal logs give equal answers on all nodes',
  },
  {
    name: 'a new leader counts old silence',
    file: 'src-node/naming/beat-book.ts',
    find: '    forgetAll: () => {\n      lines = new WeakMap()\n',
    instead: '    forgetAll: () => {\n',
    breaks: 'a leader takes away nothing by a silence that it has not heard out itself (catalogue 30)',
  },
  {
    name: 'sleep taken for silence',
    file: rounds,
    find: 'if (slept || term === 0 || leadsIn !== term) beginAnew()',
    instead: 'if (term === 0 || leadsIn !== term) beginAnew()',
    breaks: 'a machine that slept takes no silence for death',
    lives: tenantsAsleep,
  },
  {
    name: 'a leader thinks that it is away itself',
    file: rounds,
    find: 'id === nodeId || status().peers.some(',
    instead: 'status().peers.some(',
    breaks: "the leader's own connections keep what they published",
  },
  {
    name: 'whoever knows a leader takes away',
    file: rounds,
    find: "    return role === 'leader' && serving ? term : 0\n",
    instead: '    return serving ? term : 0\n',
    breaks: 'only who leads takes anything away by time (catalogue 30)',
  },
  {
    name: 'found long ago, proposed now',
    file: 'src-node/naming/proposals.ts',
    find: '      if (isStill(each)) part.push(each)\n',
    instead: '      part.push(each)\n',
    breaks: 'what was found out is asked again before it is proposed',
    lives: tenantsUnderNewLeaders,
  },
  {
    name: 'silent instances stay for ever',
    file: rounds,
    find: 'if (silentMs >= deleteTimeoutMs(row.metadata)) found.dead.push(seen(state, row))',
    instead: 'if (silentMs < 0) found.dead.push(seen(state, row))',
    breaks: 'an instance whose beats stay away goes (nacos-http 8.2)',
  },
  {
    name: 'nodes that are gone keep what they had',
    file: rounds,
    find: 'if (known) proposals.removeOwner(text, publications, () => countsStill(inTerm) && awayMs(id) >= namingTimes.ownerGrace)',
    instead: '',
    breaks: 'what connections of a dead node published goes after its grace',
  },
  {
    name: 'empty services stay for ever',
    file: rounds,
    find: 'else if (clock.monotonicMs() - since >= namingTimes.emptyService) found.empty.push(state)',
    instead: '',
    breaks: 'a service without instances goes after a minute (nacos-http 8.6)',
  },
  {
    name: 'no grace for an earlier run',
    file: own,
    find: ': isOfEarlierRun && isGraceOver)',
    instead: ': isOfEarlierRun)',
    breaks: 'clients of a node that starts anew have time to come back',
  },
  {
    name: 'what an earlier run published stays for ever',
    file: own,
    find: '      if (isGone()) proposals.removeOwner(text, publications, isGone)\n',
    instead: '',
    breaks: 'what stands under a connection that is gone is taken away',
  },
  {
    name: 'taken away and not published again',
    file: own,
    find: '    if (rows.every((row) => row !== undefined)) return\n',
    instead: '    if (rows.length >= 0) return\n',
    breaks: 'an open connection keeps what it published',
    lives: tenantsCutOff,
  },
  {
    name: 'beats at the leader not counted',
    file: beats,
    find: "      if (status().role === 'leader') take(service, instance)\n      else wait",
    instead: "      if (status().role !== 'leader') wait",
    breaks: 'whoever beats lives, at whichever node',
  },
  {
    name: 'beats at the leader wait before they count',
    file: beats,
    find: "      if (status().role === 'leader') take(service, instance)\n      else wait",
    instead: '      wait',
    breaks: 'a beat that was taken counts, also when the leader stood still just after it',
    lives: tenantsCutOff,
  },
  {
    name: 'beats at a follower not sent on',
    file: beats,
    find: '    else if (leaderId !== null)\n',
    instead: '    else if (leaderId === null)\n',
    breaks: 'whoever beats lives, at whichever node',
  },
  {
    name: 'ill for ever',
    file: beats,
    find: "    if (!row.healthy && row.owner.kind === 'beat') revive(state, address, row)\n",
    instead: '',
    breaks: 'a beat makes healthy again',
  },
  {
    name: 'a check that found nothing counts as health',
    file: 'src-node/naming/health-checks.ts',
    find: "    const healthy = answer === 'ok'\n",
    instead: "    const healthy = answer !== 'refused'\n",
    breaks: 'health is what the checks found',
  },
  {
    name: 'a push that was lost is forgotten',
    file: 'src-node/naming/subscriptions.ts',
    find: '    if (!end && line.failures < manner.triesMax) clock.after(namingTimes.pushRetry, again)\n',
    instead: '    if (!end) return\n',
    breaks: 'a subscriber that is there has what is there in the end (nacos-grpc 6.3)',
  },
  {
    name: 'changes not told to subscribers',
    file: 'src-node/naming/subscriptions.ts',
    find: '      markDirty(text, namingTimes.pushDelay)\n',
    instead: '',
    breaks: 'a subscriber that is there has what is there in the end (nacos-grpc 6.3)',
  },
  {
    name: 'health forgotten at a restart',
    file: area,
    find: '  tables.putInstance(service, addressText(row), row)\n',
    instead: '  tables.putInstance(service, addressText(row), { ...row, healthy: true })\n',
    breaks: 'a restart and a snapshot bring the memory back, not only the records (26, 14)',
  },
  {
    name: 'a service swept with its instances',
    file: apply,
    find: '    if (service !== undefined && service.instances.size === 0) sweepService(tables, step, service)\n',
    instead: '    if (service !== undefined) sweepService(tables, step, service)\n',
    breaks: 'services that are not empty any more stay',
  },
]
