/** Role and state as a shape: crown, dot, diamond, ring, cross. Never by colour alone: a word always stands beside it. */

import classes from './role-mark.module.css'

export type MarkKind =
  | 'leader'
  | 'follower'
  | 'candidate'
  | 'pre-candidate'
  | 'starting'
  | 'stopping'
  | 'stopped'
  | 'waiting'
  | 'crashed'
  | 'silent'
  | 'unknown'

const shapes: Record<MarkKind, 'crown' | 'dot' | 'diamond' | 'ring' | 'cross' | 'dash'> = {
  leader: 'crown',
  follower: 'dot',
  candidate: 'diamond',
  'pre-candidate': 'diamond',
  starting: 'ring',
  stopping: 'ring',
  stopped: 'ring',
  waiting: 'cross',
  crashed: 'cross',
  silent: 'dash',
  unknown: 'dash',
}

export function RoleMark({ kind, size = 14 }: { kind: MarkKind; size?: number }) {
  const shape = shapes[kind]
  return (
    <svg width={size} height={size} viewBox="0 0 14 14" className={classes.mark} data-kind={kind} aria-hidden="true">
      {shape === 'crown' ? <path d="M1 4.2 4 6.6 7 2l3 4.6 3-2.4-1.2 7.3H2.2z" className={classes.solid} /> : null}
      {shape === 'dot' ? <circle cx="7" cy="7" r="4.2" className={classes.solid} /> : null}
      {shape === 'diamond' ? <path d="M7 1.6 12.4 7 7 12.4 1.6 7z" className={kind === 'candidate' ? classes.solid : classes.stroke} /> : null}
      {shape === 'ring' ? <circle cx="7" cy="7" r="4.2" className={classes.stroke} /> : null}
      {shape === 'cross' ? <path d="m3.2 3.2 7.6 7.6m0-7.6-7.6 7.6" className={classes.stroke} /> : null}
      {shape === 'dash' ? <path d="M2.5 7h9" className={classes.stroke} strokeDasharray="2 1.6" /> : null}
    </svg>
  )
}
