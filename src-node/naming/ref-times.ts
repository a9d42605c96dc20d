/**
 * When each service was told of (`lastRefTime`, nacos-grpc 6.2): the time that it is, and later than before if something else is told. Clients drop what
 * is not later than what they have, so a time must rise with every difference; and it must not run ahead of the clock for telling many the same, or
 * whoever goes on at another node would drop what that one says.
 */

interface Told {
  readonly time: number
  readonly edition: number
}

/** @param edition another one whenever something else is told of the service @returns ms since 1970 */
export type RefTimes = (service: string, edition: number) => number

/** @param kept so many services are known one by one; of the others no time is told that is not later than every one forgotten */
export const createRefTimes = (wallMs: () => number, kept: number): RefTimes => {
  /** The longest untold first. */
  const last = new Map<string, Told>()
  let forgotten = 0
  return (service, edition) => {
    const told = last.get(service)
    const least = told === undefined ? forgotten + 1 : told.edition === edition ? told.time : told.time + 1
    const time = Math.max(wallMs(), least)
    last.delete(service)
    last.set(service, { time, edition })
    const [oldest] = last
    if (last.size > kept && oldest !== undefined) {
      last.delete(oldest[0])
      forgotten = Math.max(forgotten, oldest[1].time)
    }
    return time
  }
}
