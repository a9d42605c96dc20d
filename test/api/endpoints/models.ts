/** The objects that more than one endpoint gives (nacos-http 5, 6, 8, 9, 11, 14.5), as checks. */

import { anything, flag, is, list, map, matching, nothing, number, object, orNull, text } from '../shape.ts'

const isoTime = matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}([+-]\d\d:\d\d|Z)$/)
const numberText = matching(/^\d+$/)

export const configDetail = object({
  ...{ id: numberText, dataId: text, group: text, content: text, md5: text, encryptedDataKey: orNull(text), tenant: text, appName: orNull(text) },
  ...{ type: text, createTime: number, modifyTime: number, createUser: orNull(text), createIp: orNull(text), desc: orNull(text), use: orNull(text) },
  ...{ effect: orNull(text), schema: orNull(text), configTags: orNull(text) },
})
export const configAdvance = object({
  ...{ createTime: number, modifyTime: number, createUser: orNull(text), createIp: orNull(text), desc: orNull(text), use: orNull(text) },
  ...{ effect: orNull(text), type: orNull(text), schema: orNull(text), configTags: orNull(text) },
})
export const configItem = object({
  ...{ id: numberText, dataId: text, group: text, content: text, md5: orNull(text), encryptedDataKey: orNull(text), tenant: text },
  ...{ appName: orNull(text), type: orNull(text) },
})
export const betaDetail = object({
  ...{ id: numberText, dataId: text, group: text, content: text, md5: text, encryptedDataKey: orNull(text), tenant: text, appName: orNull(text) },
  ...{ type: orNull(text), betaIps: text },
})
const historyBase = {
  ...{ id: numberText, lastId: is(-1), dataId: text, group: text, tenant: text, appName: orNull(text), srcIp: orNull(text), srcUser: orNull(text) },
  ...{ opType: matching(/^[IUD] *$/), publishType: matching(/^(formal|gray)$/), grayName: orNull(text), extInfo: orNull(text) },
  ...{ createdTime: isoTime, lastModifiedTime: isoTime, encryptedDataKey: orNull(text) },
}
export const historyItem = object({ ...historyBase, md5: nothing, content: nothing })
export const historyRow = object({ ...historyBase, md5: text, content: text })
export const historyDetail = object({
  ...historyBase,
  ...{ originalContent: orNull(text), originalMd5: orNull(text), originalEncryptedDataKey: orNull(text), originalExtInfo: orNull(text) },
  ...{ updatedContent: orNull(text), updatedMd5: orNull(text), updatedEncryptedDataKey: orNull(text), updateExtInfo: orNull(text) },
})
export const capacity = object({
  ...{ id: anything, gmtCreate: anything, gmtModified: anything, quota: number, usage: number, maxSize: number, maxAggrCount: number },
  ...{ maxAggrSize: number },
})
export const listenersStatus = object({ collectStatus: number, lisentersGroupkeyStatus: map(text) })
/** What was skipped, failed or not recognised stands there only if there is any. */
export const importOutcome = object({ succCount: number })

const hostFields = {
  ...{ instanceId: text, ip: text, port: number, weight: number, healthy: flag, enabled: flag, ephemeral: flag, clusterName: text },
  ...{ serviceName: text, metadata: map(text) },
}
export const host = object(hostFields)
export const serviceInfo = object({
  ...{ name: text, groupName: text, clusters: text, cacheMillis: number, hosts: list(host, 1), lastRefTime: number, checksum: text },
  ...{ reachProtectionThreshold: flag, valid: flag },
})
export const switches = object({
  ...{ masters: nothing, adWeightMap: map(anything), defaultPushCacheMillis: number, clientBeatInterval: number, defaultCacheMillis: number },
  ...{ distroThreshold: number, healthCheckEnabled: flag, autoChangeHealthCheckEnabled: flag, distroEnabled: flag, enableStandalone: flag },
  ...{ pushEnabled: flag, checkTimes: number, httpHealthParams: object({ max: number, min: number, factor: number }), incrementalList: list(text) },
  ...{ lightBeatEnabled: flag, overriddenServerStatus: nothing, defaultInstanceEphemeral: flag, healthCheckWhiteList: list(text), checksum: nothing },
  ...{ name: is('00-00---000-NACOS_SWITCH_DOMAIN-000---00-00') },
})
export const metrics = object({
  ...{ status: text, serviceCount: number, instanceCount: number, subscribeCount: number, clientCount: number },
  ...{ connectionBasedClientCount: number, ephemeralIpPortClientCount: number, persistentIpPortClientCount: number, responsibleClientCount: number },
})
export const clientSummary = object({
  ...{ clientId: text, ephemeral: flag, lastUpdatedTime: number, clientType: text },
})

export const member = object({
  ...{ ip: text, port: number, state: matching(/^(STARTING|UP|SUSPICIOUS|DOWN|ISOLATION)$/), address: text, failAccessCnt: number },
  extendInfo: object({ lastRefreshTime: number, raftMetaData: anything, raftPort: text, readyToUpgrade: flag, version: text }),
  abilities: object({ remoteAbility: anything, configAbility: anything, namingAbility: anything }),
  grpcReportEnabled: flag,
})
export const nacosMember = object({ ip: text, port: number, state: text, extendInfo: anything, address: text, abilities: anything })
export const namespace = object({
  ...{ namespace: text, namespaceShowName: text, namespaceDesc: orNull(text), quota: number, configCount: number, type: number },
})

export const configBasic = object({
  ...{ id: numberText, namespaceId: text, groupName: text, dataId: text, md5: orNull(text), type: orNull(text), appName: orNull(text) },
  ...{ createTime: number, modifyTime: number },
})
const configWholeFields = {
  ...{ id: numberText, namespaceId: text, groupName: text, dataId: text, md5: text, type: orNull(text), appName: orNull(text), createTime: number },
  ...{ modifyTime: number, content: text, desc: orNull(text), encryptedDataKey: orNull(text), createUser: orNull(text), createIp: orNull(text) },
  ...{ configTags: orNull(text) },
}
export const configWhole = object(configWholeFields)
export const configGray = object({ ...configWholeFields, grayName: text, grayRule: text })
export const historyBasicV3 = object({
  ...{
    id: numberText,
    namespaceId: text,
    groupName: text,
    dataId: text,
    srcIp: orNull(text),
    srcUser: orNull(text),
    opType: text,
    publishType: text,
  },
})
export const historyWholeV3 = object({
  ...{ id: numberText, namespaceId: text, groupName: text, dataId: text, content: text, encryptedDataKey: orNull(text), grayName: orNull(text) },
  ...{ extInfo: orNull(text), opType: text, publishType: text },
})
export const listenersV3 = object({ queryType: matching(/^(config|ip)$/), listenersStatus: map(text) })
export const serviceDetailV2 = object({
  ...{ serviceName: text, groupName: text, clusterMap: map(anything), metadata: map(text), protectThreshold: number, selector: anything },
  ephemeral: flag,
})
export const serviceView = object({
  ...{ name: text, groupName: text, clusterCount: number, ipCount: number, healthyInstanceCount: number, triggerFlag: text },
})
export const subscriberV3 = object({ namespaceId: text, groupName: text, serviceName: text, ip: text, port: number })
