/** The arithmetic of majorities, apart from everything that uses it. */

/** Votes needed among `voters` members. */
export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1
}

/** Highest index that a majority holds, given one match index per voter. Sorts `matches` in place (few elements). */
export function quorumIndex(matches: number[]): number {
  for (let i = 1; i < matches.length; i++) {
    const value = matches[i] as number
    let j = i - 1
    while (j >= 0 && (matches[j] as number) < value) {
      matches[j + 1] = matches[j] as number
      j--
    }
    matches[j + 1] = value
  }
  return matches[majority(matches.length) - 1] ?? 0
}

/** Where an election stands. `votes` holds the answers so far; those of others than `voters` count for nothing (invariant 16). */
export function tally(votes: ReadonlyMap<number, boolean>, voters: readonly number[]): 'won' | 'lost' | 'open' {
  let granted = 0
  let refused = 0
  for (const voter of voters) {
    const vote = votes.get(voter)
    if (vote === true) granted++
    else if (vote === false) refused++
  }
  const needed = majority(voters.length)
  if (granted >= needed) return 'won'
  return refused > voters.length - needed ? 'lost' : 'open'
}
