/**
 * The words of gray versions (nacos-http 5.1, 5.2): contents of a configuration for some of its clients, by address (`beta`) or by a tag. They stand beside
 * the formal content, which neither knows nor ends them.
 */

import type { ConfigKey, ConfigType } from '../types.ts'

/** `beta`: the client's address stands in the comma list `expr`. `tag`: the client names the tag `expr`. */
export interface GrayRule {
  readonly type: 'beta' | 'tag'
  readonly expr: string
}

/** What the area keeps in memory of a version; its content stays in the store. */
export interface GrayRow extends ConfigKey {
  /** `beta`, or `tag_` and the tag: one version of each name. */
  readonly grayName: string
  readonly rule: GrayRule
  /** Raft index of the entry that made it first. */
  readonly id: number
  readonly md5: string
  readonly type: ConfigType
  readonly appName: string
  readonly encryptedDataKey: string
  readonly sourceIp: string
  readonly sourceUser: string
  readonly createdMs: number
  readonly modifiedMs: number
  /** Raft index of the last change. */
  readonly index: number
  readonly contentBytes: number
}

export interface PublishGray extends ConfigKey {
  readonly kind: 'publish-gray'
  readonly grayName: string
  readonly rule: GrayRule
  readonly content: Uint8Array
  /** Lower-case hex md5 of `content`. */
  readonly md5: string
  /** As in a publish: of this version. Null: no condition. */
  readonly expectedMd5: string | null
  readonly type: ConfigType
  readonly appName: string
  readonly encryptedDataKey: string
  readonly sourceIp: string
  readonly sourceUser: string
}
export interface RemoveGray extends ConfigKey {
  readonly kind: 'remove-gray'
  readonly grayName: string
  readonly sourceIp: string
  readonly sourceUser: string
}
export type GrayCommand = PublishGray | RemoveGray

export type GrayReply =
  /** `existed`: there was a version of this name before. */
  | { readonly kind: 'gray-done'; readonly index: number; readonly existed: boolean }
  /** Changed nothing: the configuration has as many versions as it may. */
  | { readonly kind: 'gray-too-many'; readonly versionsMax: number }

/** What its clients get may be another content now. */
export interface GrayChanged extends ConfigKey {
  readonly kind: 'gray-changed'
  readonly index: number
}

/** Versions of one configuration, as in Nacos (`nacos.config.gray.version.max.count`). */
export const grayVersionsMax = 10
