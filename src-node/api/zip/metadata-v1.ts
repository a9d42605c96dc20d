/**
 * `.meta.yml`, the metadata of Nacos's first export (nacos-http 5.7): in spite of its name lines `GROUP.DATAID~EXT.app=APPNAME`, the last dot of
 * the dataId turned into `~`, CRLF at the end of each, and only for configurations that have an application. It knows nothing else of them.
 */

export const metadataV1Name = '.meta.yml'

/** What stands before `=`: never two alike for two configurations of one group. */
export const appLineKey = (group: string, dataId: string): string => {
  const dot = dataId.lastIndexOf('.')
  const name = dot < 0 ? dataId : `${dataId.slice(0, dot)}~${dataId.slice(dot + 1)}`
  return `${group}.${name}.app`
}

/** '' if there is nothing to say, or the application's name has a line break, which this format cannot hold. */
export const appLine = (group: string, dataId: string, appName: string): string =>
  appName.trim() === '' || /[\r\n]/.test(appName) ? '' : `${appLineKey(group, dataId)}=${appName}\r\n`

/** One line's key and application; null for one that is none, which makes the whole import illegal, as in Nacos. */
export const readAppLine = (line: string): readonly [key: string, appName: string] | null => {
  const at = line.indexOf('=')
  return at <= 0 || at === line.length - 1 ? null : [line.slice(0, at), line.slice(at + 1)]
}
