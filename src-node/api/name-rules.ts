/** The rules of Nacos's parameter filter for names (nacos-http 3.2), as verdicts in its words. A blank name passes: that it is missing is said elsewhere. */

export interface NameRule {
  /** What the filter calls it. */
  readonly shown: string
  readonly charactersMax: number
  readonly pattern: RegExp
}

export const namespaceRule: NameRule = { shown: 'namespaceId/tenant', charactersMax: 64, pattern: /^[A-Za-z0-9_-]+$/ }
export const dataIdRule: NameRule = { shown: 'dataId', charactersMax: 256, pattern: /^[a-zA-Z0-9\-_:.]*$/ }
export const groupRule: NameRule = { shown: 'group', charactersMax: 128, pattern: /^[a-zA-Z0-9\-_:.]*$/ }

export const lengthProblem = ({ shown, charactersMax }: NameRule): string =>
  `Param '${shown}' is illegal, the param length should not exceed ${charactersMax}.`

/** Null: let through. */
export const nameProblem = (text: string, rule: NameRule): string | null => {
  if (text.length > rule.charactersMax) return lengthProblem(rule)
  return rule.pattern.test(text) || text.trim() === '' ? null : `Param '${rule.shown}' is illegal, illegal characters should not appear in the param.`
}

/** No leading `@`, no `@@`, no blank, nothing Chinese; the first character is judged for `@` alone, as in Nacos. */
export const serviceRule: NameRule = { shown: 'serviceName', charactersMax: 512, pattern: /^(?!@).((?!@@)[^\u4E00-\u9FA5\s])*$/ }
export const clusterRule: NameRule = { shown: 'cluster', charactersMax: 64, pattern: /^[0-9a-zA-Z\-_]+$/ }
export const ipRule: NameRule = { shown: 'ip', charactersMax: 128, pattern: /^[^\u4E00-\u9FA5\s]*$/ }

const portMax = 65_535
export const portProblem = (port: number): string | null =>
  Number.isInteger(port) && port >= 0 && port <= portMax ? null : `Param 'port' is illegal, the value should be between 0 and ${portMax}.`

const registeredCluster = /^[0-9a-zA-Z-]+$/
/** What may be registered, however it came: narrower than what the filter lets through (nacos-http 8.2). Null: it may. */
export const clusterLegality = (cluster: string): string | null =>
  registeredCluster.test(cluster) ? null : `Instance 'clusterName' should be characters with only 0-9a-zA-Z-. (current: ${cluster})`
