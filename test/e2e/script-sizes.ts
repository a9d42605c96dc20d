/** How much script the built console is: what the page asks for before it draws, and all there is. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from '../support/headless.ts'

export const firstScriptsMaxBytes = 1_100_000
export const allScriptsMaxBytes = 2_400_000

const folder = join(repository, 'out/renderer')

export const scriptSizes = (): { readonly firstBytes: number; readonly allBytes: number } => {
  const page = readFileSync(join(folder, 'index.html'), 'utf8')
  const first = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(([, path = '']) => path)
  const all = readdirSync(join(folder, 'assets')).flatMap((name) => (name.endsWith('.js') ? [join('assets', name)] : []))
  const sum = (paths: readonly string[]): number => paths.reduce((bytes, path) => bytes + statSync(join(folder, path)).size, 0)
  // Nothing found would be within any limit.
  if (first.length === 0 || all.length <= first.length) throw new Error(`${folder} holds no console as it is built`)
  return { firstBytes: sum(first), allBytes: sum(all) }
}
