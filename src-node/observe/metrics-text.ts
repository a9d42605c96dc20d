/** Figures as Prometheus reads them: the text format 0.0.4, a family after the other. Owns the format and no figure. */

export type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly labels?: Labels
  /** Null: not known just now, and left out. */
  readonly value: number | null
  /** Of a summary: `_sum`, `_count`. */
  readonly suffix?: string
}

export interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'summary'
  readonly samples: readonly Sample[]
}

export const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

const labelsText = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const familyText = ({ name, help, type, samples }: Family): string => {
  const known = samples.filter(({ value }) => value !== null)
  if (known.length === 0) return ''
  const lines = known.map(({ labels = {}, value, suffix = '' }) => `${name}${suffix}${labelsText(labels)} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

export const metricsText = (families: readonly Family[]): string => families.map(familyText).join('')

export const gauge = (name: string, help: string, value: number | null, labels: Labels = {}): Family => ({
  ...{ name, help, type: 'gauge' },
  samples: [{ value, labels }],
})
export const counter = (name: string, help: string, value: number | null): Family => ({ name, help, type: 'counter', samples: [{ value }] })
