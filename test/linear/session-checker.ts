/**
 * Default reads are answered from a node's own state, as in Nacos: they may be old. They still promise, within one life of one node, that
 * time never runs backwards (monotonic reads), that an acknowledged write is seen by later reads at the same node (own writes), and that
 * nothing is read which nobody published or which was refused (no ghosts). Positions in the log, which answers name, say what is newer.
 */

export interface SessionWrite {
  readonly kind: 'write'
  /** Node and life that answered. */
  readonly session: string
  readonly key: string
  /** `''` for a delete. Published md5s are unique. */
  readonly md5: string
  readonly callAt: number
  /** Position in the log; null: outcome unknown. */
  readonly index: number | null
  /** When the answer came; Infinity: unknown. */
  readonly returnAt: number
}
export interface SessionRead {
  readonly kind: 'read'
  readonly session: string
  readonly key: string
  readonly md5: string
  /** Position of the value's write; 0 for an absent one. */
  readonly index: number
  readonly callAt: number
  readonly returnAt: number
}
export type SessionEvent = SessionWrite | SessionRead

interface KeyFacts {
  readonly writes: Map<string, SessionWrite>
  readonly deletes: SessionWrite[]
  readonly indexOf: Map<string, number>
}

/** What a session knew when: the highest position it had answered with, by the time of the answer. */
type Session = { readonly at: number; readonly floor: number }[]

const floorAt = (session: Session, moment: number): number => session.findLast(({ at }) => at < moment)?.floor ?? 0

const learn = (session: Session, at: number, index: number): void => {
  session.push({ at, floor: Math.max(session.at(-1)?.floor ?? 0, index) })
}

function gatherFacts(events: readonly SessionEvent[], problems: string[]): KeyFacts {
  const facts: KeyFacts = { writes: new Map(), deletes: [], indexOf: new Map() }
  for (const event of events) {
    if (event.kind === 'write' && event.md5 === '') facts.deletes.push(event)
    if (event.md5 === '') continue
    if (event.kind === 'write') facts.writes.set(event.md5, event)
    if (event.index === null) continue
    const known = facts.indexOf.get(event.md5) ?? event.index
    if (known !== event.index) problems.push(`${event.key}: ${event.md5} stands at ${known} and at ${event.index}`)
    facts.indexOf.set(event.md5, known)
  }
  return facts
}

/** The position that the read shows, or what is wrong with it. */
function judgeRead(read: SessionRead, floor: number, facts: KeyFacts): number | string {
  const what = `${read.session} at ${read.returnAt} read`
  if (read.md5 !== '') {
    const write = facts.writes.get(read.md5)
    if (write === undefined || write.callAt > read.returnAt) return `${what} ${read.md5}, which nobody had published`
    return read.index < floor ? `${what} position ${read.index}, after it had answered with ${floor}` : read.index
  }
  if (floor === 0) return 0
  const possible = facts.deletes.filter(({ callAt, index }) => callAt < read.returnAt && (index === null || index >= floor))
  if (possible.length === 0) return `${what} nothing, after it had answered with ${floor}, and nobody deleted it since`
  return Math.min(...possible.map(({ index }) => index ?? floor))
}

function judgeKey(events: readonly SessionEvent[]): readonly string[] {
  const problems: string[] = []
  const facts = gatherFacts(events, problems)
  const sessions = new Map<string, Session>()
  for (const event of events.toSorted((a, b) => a.returnAt - b.returnAt)) {
    if (event.returnAt === Number.POSITIVE_INFINITY) continue
    const session = sessions.get(event.session) ?? []
    sessions.set(event.session, session)
    const shown = event.kind === 'write' ? (event.index ?? 0) : judgeRead(event, floorAt(session, event.callAt), facts)
    if (typeof shown === 'string') problems.push(`${event.key}: ${shown}`)
    else learn(session, event.returnAt, shown)
  }
  return problems
}

/**
 * Every broken promise in words; moments are those of one clock. Refused writes and conflicts must be left out of `events`: a value of
 * theirs that is read is a ghost.
 */
export function judgeSessions(events: readonly SessionEvent[]): readonly string[] {
  return [...Map.groupBy(events, ({ key }) => key).values()].flatMap(judgeKey)
}
