/** A configuration's name in one text, as Nacos writes it on the wire (nacos-http 5.11): `dataId+group[+tenant]`, with `+` and `%` escaped within a part. */

export const escapedKeyPart = (part: string): string => part.replaceAll('%', '%25').replaceAll('+', '%2B')

/** The default namespace is left out. */
export const groupKey = ({ namespace, group, dataId }: { readonly namespace: string; readonly group: string; readonly dataId: string }): string =>
  [dataId, group, ...(namespace === '' ? [] : [namespace])].map(escapedKeyPart).join('+')
