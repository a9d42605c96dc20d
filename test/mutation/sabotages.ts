/**
 * The sabotages of the mutation trial (reliability 5.5): one planted fault each, as a text of the product and what stands there instead. None
 * of them is a switch in the product: they are put in while a module is loaded, in a process of its own (trial.ts).
 */

import type { Dials } from '../sim/dials.ts'
import { areaSabotages } from './area-sabotages.ts'
import { consensusSabotages } from './consensus-sabotages.ts'
import { leadingSabotages } from './leading-sabotages.ts'
import { configsAlone } from './lives.ts'
import { namingSabotages } from './naming-sabotages.ts'
import { serviceSabotages } from './service-sabotages.ts'
import { snapshotSabotages } from './snapshot-sabotages.ts'
import { timerSabotages } from './timer-sabotages.ts'

export interface Sabotage {
  readonly name: string
  /** Below the repository's root. */
  readonly file: string
  /** Occurs exactly once in `file`, else the trial fails: it stays true as the code changes. */
  readonly find: string
  readonly instead: string
  /** What the product would no longer do, with its source. */
  readonly breaks: string
  /** Dials of the lives in which such a mistake shows soonest; all others, and every promise, are as the seed draws them. Absent: any life. */
  readonly lives?: Partial<Dials>
}

/** Each in its own lives if it names any, `{}` for any life at all. */
const among = (lives: Partial<Dials>, list: readonly Sabotage[]): readonly Sabotage[] => list.map((each) => ({ lives, ...each }))

export const sabotages: readonly Sabotage[] = [
  ...among(configsAlone, consensusSabotages),
  ...among(configsAlone, leadingSabotages),
  ...serviceSabotages,
  ...snapshotSabotages,
  ...namingSabotages,
  ...timerSabotages,
  ...areaSabotages,
]

/** `source` with the sabotage in it; throws if its text is not there exactly once. */
export function plant(source: string, { name, file, find, instead }: Sabotage): string {
  const times = source.split(find).length - 1
  if (times !== 1) throw new Error(`sabotage "${name}": its text stands ${times} times in ${file}, not once: ${find}`)
  return source.replace(find, () => instead)
}
