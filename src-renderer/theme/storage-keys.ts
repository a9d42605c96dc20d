/** Names under which the window keeps its own choices. `public/theme-boot.js` reads the first two before the first paint. */

export const storageKeys = {
  theme: 'nacos-trio.theme',
  language: 'nacos-trio.language',
  railCollapsed: 'nacos-trio.rail-collapsed',
  logsWrap: 'nacos-trio.logs-wrap',
  namespace: 'nacos-trio.namespace',
} as const
