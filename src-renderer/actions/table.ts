/** The one table of everything that can be done by name or key. Palette, key bindings, tooltips and the key sheet read these rows. */

/** Where a key works: everywhere, or only while its screen is shown. Two rows may share a key only if both have different screens. */
export type ActionScope = 'global' | 'overview' | 'configs' | 'logs' | 'storage'
export type ActionGroup = 'go' | 'cluster' | 'window' | 'screen'

export interface ActionRow {
  readonly id: ActionId
  readonly group: ActionGroup
  readonly scope: ActionScope
  /** In tinykeys' notation; null for palette only. */
  readonly keys: string | null
  /** Works while the user types in a field (always with a modifier). */
  readonly inFields: boolean
  readonly inPalette: boolean
}

const row = <Id extends string>(id: Id, group: ActionGroup, more: Partial<Omit<ActionRow, 'id' | 'group'>> = {}) => ({
  id,
  group,
  scope: more.scope ?? ('global' as ActionScope),
  keys: more.keys ?? null,
  inFields: more.inFields ?? false,
  inPalette: more.inPalette ?? true,
})

export const actionTable = [
  row('goOverview', 'go', { keys: 'g o' }),
  row('goConfigs', 'go', { keys: 'g c' }),
  row('goNamespaces', 'go', { keys: 'g p' }),
  row('goLogs', 'go', { keys: 'g l' }),
  row('goStorage', 'go', { keys: 'g t' }),
  row('goSecurity', 'go', { keys: 'g u' }),
  row('newConfig', 'cluster', { keys: 'n' }),
  row('newNamespace', 'cluster'),
  row('snapshots', 'cluster'),
  row('killLeader', 'cluster'),
  row('startCluster', 'cluster'),
  row('stopCluster', 'cluster'),
  row('copyAddresses', 'cluster'),
  row('copyDataDir', 'cluster'),
  row('changeStorage', 'cluster'),
  row('moveStorage', 'cluster'),
  row('palette', 'window', { keys: '$mod+k', inFields: true, inPalette: false }),
  row('toggleRail', 'window', { keys: '$mod+b', inFields: true }),
  row('toggleTheme', 'window', { keys: '$mod+Shift+l', inFields: true }),
  row('themeSystem', 'window'),
  row('toggleLanguage', 'window'),
  row('keySheet', 'window', { keys: '[Shift]+?' }),
  row('focusFilter', 'screen', { keys: '/' }),
  row('overviewTable', 'screen', { scope: 'overview', keys: 't' }),
  row('logsFind', 'screen', { scope: 'logs', keys: '$mod+f', inFields: true }),
  row('logsFollow', 'screen', { scope: 'logs', keys: 'f' }),
  row('logsWrap', 'screen', { scope: 'logs', keys: 'w' }),
  row('logsCopy', 'screen', { scope: 'logs', keys: 'c' }),
  row('logsClear', 'screen', { scope: 'logs' }),
  row('configsPublish', 'screen', { scope: 'configs', keys: '$mod+s', inFields: true }),
] as const

export type ActionId = (typeof actionTable)[number]['id']

/** How a key is written for people: `['Ctrl', 'K']` for one press, several presses in a sequence. */
export function keyCaps(keys: string, mac: boolean): string[][] {
  const names: Record<string, string> = { $mod: mac ? '⌘' : 'Ctrl', Shift: mac ? '⇧' : 'Shift', Alt: mac ? '⌥' : 'Alt' }
  return keys.split(' ').map((press) =>
    press
      .split('+')
      .filter((part) => !part.startsWith('['))
      .map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part)),
  )
}

export const onMac = typeof navigator !== 'undefined' && /mac/i.test(navigator.userAgent) && !/jsdom/i.test(navigator.userAgent)
