/** The suites of `npm test`: what each needs of the machine, and in which order and company it runs. */

import { findChromium, findDisplay, findElectron, findMariadb, findNamespaces, type Tool } from './tools.ts'

export interface Suite {
  /** Also the name of its vitest project. */
  readonly name: string
  readonly needs: readonly (() => Tool)[]
  readonly needsBuild: boolean
  /** Files at a time. */
  readonly workers: number
  /** Put before the command, e.g. the virtual display. */
  readonly wrapper: () => readonly string[]
}

const plain = (name: string): Suite => ({ name, needs: [], needsBuild: false, workers: 1, wrapper: () => [] })

const virtualDisplay = (): readonly string[] => {
  const display = findDisplay()
  return 'found' in display && display.found !== '' ? [display.found, '-a'] : []
}

/**
 * Waves run one after another, the lanes of a wave side by side, the suites of a lane one after another. The pure ones share the two cores; whatever
 * starts real processes and measures waits has the machine to itself. Scenarios that mostly wait go two at a time: as files of one suite, or in two lanes.
 */
export type Wave = readonly (readonly Suite[])[]

export const waves: readonly Wave[] = [
  [[{ ...plain('unit'), workers: 2 }, plain('mocked')]],
  [[plain('sim')], [plain('renderer')]],
  [[{ ...plain('integration'), needsBuild: true }]],
  [[{ ...plain('patient'), needsBuild: true, workers: 2 }]],
  [
    [{ ...plain('e2e-browser'), needs: [findChromium], needsBuild: true }],
    [
      { ...plain('mysql'), needs: [findMariadb] },
      { ...plain('namespaces'), needs: [findNamespaces], needsBuild: true },
      { ...plain('e2e-electron'), needs: [findElectron, findDisplay], needsBuild: true, wrapper: virtualDisplay },
    ],
  ],
]
