/** What axe finds on the page as it stands: WCAG 2.2 A and AA. */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { waitUntil } from '../support/wait-until.ts'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface AxeWindow {
  readonly axe: {
    run(
      options: unknown,
    ): Promise<{ readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly target: unknown }[] }[] }>
  }
}

const atRestLimitMs = 10_000

/** What fades in or out has the contrast of neither end; what turns for ever is as it is. */
const fading = (): number =>
  document
    .getAnimations()
    .filter(({ playState, effect }) => playState === 'running' && effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY).length

/** One line a violation, with the first places. Evaluated by the driver, so the page's CSP stays as it is. */
export const violationsOf = async (page: Page): Promise<readonly string[]> => {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource)
  await waitUntil('nothing to fade in or out', async () => (await page.evaluate(fading)) === 0, atRestLimitMs)
  return page.evaluate(async () => {
    const { axe } = window as unknown as AxeWindow
    const { violations } = await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
    return violations.map(
      ({ id, nodes }) =>
        `${id} at ${nodes
          .slice(0, 3)
          .map((node) => JSON.stringify(node.target))
          .join(' ')}`,
    )
  })
}
