/** For tests: the gRPC server over the fake node of HTTP, whose writes reach those who watch. */

import { createConfigWatches } from '../../notify/config-watches.ts'
import { fuzzyLimits } from '../../notify/fuzzy-watches.ts'
import { createFuzzyWatching } from '../../notify/fuzzy-watching.ts'
import type { ConfigKey } from '../../state-machine/types.ts'
import { createFakeNode } from '../http/fake-node.testing.ts'
import { createFakeGrpcNaming } from './naming/fake-naming.testing.ts'
import type { GrpcParts, GrpcSettings } from './ports.ts'

const settings: GrpcSettings = {
  ...{ grpcMessageBytesMax: 10 << 20, grpcBytesInFlightMax: 64 << 20, grpcConnectionsMax: 50, grpcCallsMax: 1_000 },
  contentCacheBytes: 1 << 20,
}

const defer = (task: () => void) => void setImmediate(task)

export const createFakeGrpcNode = (changed: Partial<GrpcSettings> = {}, watchesMax = 1_000) => {
  const node = createFakeNode()
  const watches = createConfigWatches({ watchesMax, defer })
  const naming = createFakeGrpcNaming()
  const { port } = naming
  const fuzzy = createFuzzyWatching({
    configs: node.parts.configs,
    services: () => ({ service: port.service, servicesIn: (namespace) => [...port.services(namespace)].map((key) => ({ key })) }),
    clock: { defer, after: node.parts.clock.after },
    // Fewer names, so that a test can have too many.
    limits: { ...fuzzyLimits, patternsMax: 3, namesMax: 25 },
  })
  let starting = false
  const onConfig = ({ namespace, group, dataId }: ConfigKey) => {
    watches.onChanged({ namespace, group, dataId })
    fuzzy.onEffects([{ kind: 'config-changed', namespace, group, dataId, md5: '', index: 0 }])
  }
  const parts: GrpcParts & Pick<typeof node.parts, 'auth'> = {
    ...node.parts,
    write: (command, done) =>
      node.parts.write(command, (outcome) => {
        done(outcome)
        if (outcome.kind === 'applied' && (outcome.reply.kind === 'published' || outcome.reply.kind === 'deleted')) onConfig(command)
      }),
    grays: {
      ...node.parts.grays,
      propose: (command, done) =>
        node.parts.grays.propose(command, (outcome) => {
          done(outcome)
          if (outcome.kind === 'applied') watches.onChanged(command)
        }),
    },
    settings: { ...settings, ...changed },
    ...{ watches, fuzzy, host: '127.0.0.1', naming: port },
    starting: () => starting,
  }
  const setStarting = (on: boolean) => {
    starting = on
  }
  return { ...node, httpParts: node.parts, parts, watches, fuzzy, naming, setStarting }
}
