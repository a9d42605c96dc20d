/** What the answers of all nodes together mean. Pure. */

export type NodeAnswer =
  /** md5 '' = the node has no such configuration. */
  | { readonly id: number; readonly kind: 'answered' | 'silent'; readonly md5: string }
  | { readonly id: number; readonly kind: 'down' | 'asking' | 'silent' }

export type NodeVerdict = 'same' | 'differ' | 'unknown' | 'asking'

/** `same` only when every node answered alike; a difference counts more than a silence. */
export const verdictOf = (answers: readonly NodeAnswer[]): NodeVerdict => {
  const md5s = new Set(answers.flatMap((answer) => (answer.kind === 'answered' ? [answer.md5] : [])))
  if (md5s.size > 1) return 'differ'
  if (answers.some((answer) => answer.kind === 'asking') || answers.length === 0) return 'asking'
  return answers.every((answer) => answer.kind === 'answered') ? 'same' : 'unknown'
}
