/** What the generations of Nacos's API call the same parameters of configurations (nacos-http 5, 7, 14), and whether they wrap their answers. */

export interface ConfigNames {
  readonly namespace: 'tenant' | 'namespaceId'
  readonly group: 'group' | 'groupName'
  readonly tags: 'config_tags' | 'configTags'
  readonly sourceUser: 'src_user' | 'srcUser'
  /** Of a search. */
  readonly types: 'types' | 'type'
  readonly content: 'config_detail' | 'configDetail'
  /** Success is `{"code":0,…}`. */
  readonly enveloped: boolean
}

export const v1ConfigNames: ConfigNames = {
  ...{ namespace: 'tenant', group: 'group', tags: 'config_tags', sourceUser: 'src_user', types: 'types', content: 'config_detail' },
  enveloped: false,
}

export const v2ConfigNames: ConfigNames = {
  ...{ namespace: 'namespaceId', group: 'group', tags: 'configTags', sourceUser: 'srcUser', types: 'type', content: 'configDetail' },
  enveloped: true,
}

export const v3ConfigNames: ConfigNames = { ...v2ConfigNames, group: 'groupName' }
