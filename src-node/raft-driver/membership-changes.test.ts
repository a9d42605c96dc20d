import { describe, expect, it } from 'vitest'
import { type MembershipChange, membershipOf } from '../raft/membership.ts'
import { logIndex, nodeId, type Term, term } from '../raft/types.ts'
import { createMembershipChanges, type MembershipOutcome } from './membership-changes.ts'
import { driverDefaults } from './options.ts'

const add: MembershipChange = { kind: 'add-learner', id: nodeId(4) }
const membership = membershipOf([1, 2, 3].map(nodeId), [nodeId(4)])

/** A core that takes one change, at index 7 of term 2. */
function setUp() {
  let standing: Term | null = null
  let refusal: 'not_leader' | null = null
  const core = {
    view: { term: term(2) } as Parameters<typeof createMembershipChanges>[0]['core']['view'],
    changeMembership: () => refusal ?? logIndex(7),
    membership: () => membership,
    termAt: () => standing,
  }
  const changes = createMembershipChanges({ core, options: driverDefaults })
  const outcomes: MembershipOutcome[] = []
  const ask = (nowMs = 0) => changes.add(add, nowMs, (outcome) => outcomes.push(outcome))
  return { changes, outcomes, ask, stand: (at: number) => (standing = term(at)), refuse: () => (refusal = 'not_leader') }
}

describe('a membership change', () => {
  it('is done when its own entry is applied', () => {
    const { changes, outcomes, ask, stand } = setUp()
    ask()
    changes.flush()
    changes.applied(logIndex(6))
    expect(outcomes).toEqual([])
    stand(2)
    changes.applied(logIndex(8))
    expect(outcomes).toEqual([{ kind: 'done', index: 7, membership }])
  })

  it("is lost when another leader's entry is applied in its place", () => {
    const { changes, outcomes, ask, stand } = setUp()
    ask()
    changes.flush()
    stand(3)
    changes.applied(logIndex(7))
    expect(outcomes).toEqual([{ kind: 'refused', code: 'lost' }])
  })

  it('is unknown when a snapshot stands where its entry might be', () => {
    const { changes, outcomes, ask } = setUp()
    ask()
    changes.flush()
    changes.applied(logIndex(30))
    expect(outcomes).toEqual([{ kind: 'unknown' }])
  })

  it('is refused with what the core says', () => {
    const { changes, outcomes, ask, refuse } = setUp()
    refuse()
    ask()
    changes.flush()
    expect(outcomes).toEqual([{ kind: 'refused', code: 'not_leader' }])
  })

  it('is answered in time: unknown once it is appended, certainly not done before', () => {
    const { changes, outcomes, ask } = setUp()
    ask(0)
    changes.flush()
    ask(1)
    changes.expire(driverDefaults.changeTimeoutMs - 1)
    expect(outcomes).toEqual([])
    changes.expire(driverDefaults.changeTimeoutMs + 1)
    expect(outcomes).toEqual([{ kind: 'refused', code: 'overloaded' }, { kind: 'unknown' }])
  })

  it('is answered at the end of the run', () => {
    const { changes, outcomes, ask } = setUp()
    ask()
    changes.flush()
    ask()
    changes.stop()
    expect(outcomes).toEqual([{ kind: 'refused', code: 'not_leader' }, { kind: 'unknown' }])
  })

  it('waits with few others', () => {
    const { outcomes, ask } = setUp()
    for (let i = 0; i <= driverDefaults.changesMax; i++) ask()
    expect(outcomes).toEqual([{ kind: 'refused', code: 'overloaded' }])
  })
})
