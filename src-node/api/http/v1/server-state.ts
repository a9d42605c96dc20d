/**
 * What a console has to know of a server before anything else (nacos-http 12.2, 14): the state as a map of texts, announcement and guide, and health in the
 * envelopes of v2 and v3. A key that means something that this server does not have is null: clients show it, none reckons with it.
 */

import { type Answer, resultFailure, send } from '../errors.ts'
import type { HttpParts } from '../ports.ts'
import { jsonAnswer, restResultAnswer, resultAnswer, sendResult } from '../result.ts'
import type { Handler, Route, Routes } from '../router.ts'

const dayMs = 86_400_000
/** nacos-http 5.1. */
const contentBytesMax = 10 * 1024 * 1024

/** Of JRaft, Distro and capacity management: there is none of them here. */
const absent = Object.fromEntries(
  [
    ...['function_mode', 'maxHealthCheckFailCount'],
    ...['defaultClusterQuota', 'defaultGroupQuota', 'defaultMaxSize', 'defaultMaxAggrCount', 'defaultMaxAggrSize'],
    ...['snapshot_interval_secs', 'core_thread_num', 'cli_service_thread_num', 'rpc_request_timeout_ms'],
    ...['data_sync_delayMs', 'data_sync_timeoutMs', 'data_sync_retryDelayMs', 'data_verify_intervalMs', 'data_verify_timeoutMs'],
    ...['data_load_retryDelayMs', 'data_load_timeoutMs'],
  ].map((key) => [key, null]),
)

/** `auth_admin_request`: a console asks for the first password. */
const authState = ({ auth }: HttpParts): Readonly<Record<string, string>> => {
  const on = auth.isOn()
  return { auth_enabled: String(on), login_page_enabled: String(on), auth_admin_request: String(on && !auth.hasAdministrator()) }
}

const serverState = (parts: HttpParts): Readonly<Record<string, string | null>> => {
  const { settings, members, nodeId, sharedStore, version } = parts
  const mode = members.length > 1 ? 'cluster' : 'standalone'
  return {
    ...absent,
    ...{ version, startup_mode: mode, standalone_mode: mode },
    server_port: String(members.find(({ id }) => id === nodeId)?.httpPort),
    ...authState(parts),
    ...{ auth_system_type: 'nacos', console_ui_enabled: 'true' },
    ...{ datasource_platform: sharedStore === null ? '' : 'mysql', plugin_datasource_log_enabled: 'false' },
    config_retention_days: String(Math.ceil(settings.historyRetentionMs / dayMs)),
    ...{ notifyConnectTimeout: null, notifySocketTimeout: null, isHealthCheck: 'true' },
    ...{ maxContent: String(contentBytesMax), isManageCapacity: 'false', isCapacityLimitCheck: 'false' },
    ...{ election_timeout_ms: String(settings.electionTimeoutMs), read_index_type: 'ReadOnlySafe' },
  }
}

/** Null: it is ready. */
const whyNotReady = (parts: HttpParts): string | null => (parts.status().serving ? null : 'config not in readiness')

const liveness: Handler = (_request, response) => sendResult(response, 'ok')
/** 500 tells a probe what a code in a body does not. */
const readiness =
  (parts: HttpParts): Handler =>
  (_request, response) => {
    const problem = whyNotReady(parts)
    send(response, problem === null ? resultAnswer('ok') : resultFailure(500, 'server error', problem))
  }

const open = (GET: Handler): Route => ({ access: 'open', GET })
const bare = (parts: HttpParts): Route => open((_request, response) => send(response, jsonAnswer(serverState(parts))))
/** Nobody has written any. */
const none = (answer: Answer): Route => open((_request, response) => send(response, answer))

export const serverStateRoutes = (parts: HttpParts): Routes => ({
  '/v1/console/server/state': bare(parts),
  '/v1/console/server/announcement': none(restResultAnswer(null)),
  '/v1/console/server/guide': none(restResultAnswer(null)),
  '/v2/console/health/liveness': open(liveness),
  '/v2/console/health/readiness': open(readiness(parts)),
  '/v3/admin/core/state': { access: 'admin', GET: (_request, response) => sendResult(response, serverState(parts)) },
  '/v3/admin/core/state/liveness': open(liveness),
  '/v3/admin/core/state/readiness': open(readiness(parts)),
  '/v3/console/server/state': bare(parts),
  '/v3/console/server/announcement': none(resultAnswer(null)),
  '/v3/console/server/guide': none(resultAnswer(null)),
  '/v3/console/health/liveness': open(liveness),
  '/v3/console/health/readiness': open(readiness(parts)),
})
