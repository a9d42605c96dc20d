/** Which version a client gets (nacos-http 5.2). By what it says of itself, and by nothing else: every node chooses alike. */

import type { GrayRow, GrayRule } from './gray-words.ts'

/** What rules look at. `tag` is `''` for a client that names none. */
export interface GrayClient {
  readonly ip: string
  readonly tag: string
}

/** Java's largest `int`, and one less: an address is chosen before a tag. */
export const grayPriority = ({ type }: GrayRule): number => (type === 'beta' ? 2_147_483_647 : 2_147_483_646)

/** Addresses of a beta version. */
export const betaIpsOf = (expr: string): readonly string[] =>
  expr
    .split(',')
    .map((ip) => ip.trim())
    .filter((ip) => ip !== '')

const matches = ({ type, expr }: GrayRule, { ip, tag }: GrayClient): boolean =>
  type === 'beta' ? betaIpsOf(expr).includes(ip) : tag !== '' && tag === expr.trim()

/** @param versions of one configuration, in the order of their priority */
export const chosenGray = (versions: readonly GrayRow[], client: GrayClient): GrayRow | undefined =>
  versions.find(({ rule }) => matches(rule, client))

/** As Nacos writes a rule into a column or an answer. */
export const grayRuleJson = (rule: GrayRule): string =>
  JSON.stringify({ type: rule.type, version: '1.0.0', expr: rule.expr, priority: grayPriority(rule) })

/** What a row of history says of a version beside its columns; the priority is a text there. */
export const grayHistoryWords = ({ grayName, rule, sourceUser }: Pick<GrayRow, 'grayName' | 'rule' | 'sourceUser'>): string =>
  JSON.stringify({
    gray_name: grayName,
    ...(sourceUser === '' ? {} : { src_user: sourceUser }),
    gray_rule: JSON.stringify({ type: rule.type, expr: rule.expr, version: '1.0.0', priority: String(grayPriority(rule)) }),
  })
