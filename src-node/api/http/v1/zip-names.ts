/** What the generations of Nacos's API call the same things of an export and an import, and how they wrap an answer (nacos-http 2.1, 14). */

export interface ZipNames {
  /** Parameter of the namespace: of the export, of the import. */
  readonly exportNamespace: string
  readonly importNamespace: string
  readonly group: string
  readonly success: { readonly code: number; readonly message: string }
  /** v1 answers other things on the same path: `export=true`, `exportV2=true` and `import=true` say what is meant. */
  readonly asked: boolean
}

export const v1Names: ZipNames = {
  ...{ exportNamespace: 'tenant', importNamespace: 'namespace', group: 'group', asked: true },
  success: { code: 200, message: 'import success' },
}

export const v3Names: ZipNames = {
  ...{ exportNamespace: 'namespaceId', importNamespace: 'namespaceId', group: 'groupName', asked: false },
  success: { code: 0, message: 'success' },
}
