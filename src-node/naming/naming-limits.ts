/** Every time and bound of naming, with its reason. Times are ms. */

export const namingTimes = {
  /** Of instances without `preserved.*` keys (nacos-http 8.2). */
  heartBeatInterval: 5_000,
  heartBeatTimeout: 15_000,
  ipDeleteTimeout: 30_000,
  /** A node that died, or runs anew, has so long until what its connections published is taken away: clients come back within seconds. */
  ownerGrace: 10_000,
  /** Changes are merged for so long before they are pushed; then: wait for an acknowledgement, and after one that failed (nacos-grpc 6.3). */
  pushDelay: 500,
  pushAnswer: 5_000,
  pushRetry: 1_000,
  /** A datagram is waited for so long (nacos-http 15). */
  udpPushAnswer: 10_000,
  /** While an operator has pushing switched off: so often it is looked whether it is on again, if anything is to be pushed. */
  pushSwitchLook: 1_000,
  /** Of one turn in which pushes are begun. */
  pushTurn: 5,
  /** A UDP subscriber that does not ask again is gone (nacos-http 15). */
  udpSubscriber: 30_000,
  /** A service without instances is removed after it (nacos-http 8.6). */
  emptyService: 60_000,
  /** So often the machine is told to forget what operators said of instances and services that have been gone for a minute, if there are any. */
  keptSweep: 30_000,
  /** Beats at a follower wait so long for others before they are sent on: far below the shortest timeout that makes sense. The leader counts its own at once. */
  beatGathering: 200,
  /** The leader looks at instances so often at least and at most, the more of them there are the more rarely. */
  roundMin: 1_000,
  roundMax: 5_000,
  /** A look that comes so much later than it should means that the machine slept: every beat counts as fresh. */
  sleepGap: 5_000,
  /** What this node's own connections published is compared with what is there so often; after a change of it sooner. */
  ownLook: 5_000,
  ownLookAfterChange: 500,
  /** One check of a persistent instance, and the pause until the next (Nacos: 500, and 1,000 to 5,000). */
  probe: 500,
  probePause: 2_000,
} as const

export const namingBounds = {
  /** Instances or services that one proposed command names: a few milliseconds on every node. */
  named: 256,
  /** What connections published and was taken away, proposed again at a time: a node that comes back must not flood the leader. */
  repairs: 256,
  /** Rows looked at in one turn of the loop. */
  perTurn: 1_000,
  /** Pushes begun in one turn. */
  pushesPerTurn: 200,
  /** Pushes to one client that it has not answered: half of what its connection may have, which other parts push over too. */
  pushesUnderWay: 128,
  /** So often the same is pushed to a UDP subscriber, which polls all the time: one retry (nacos-http 15). */
  udpPushTries: 2,
  /** Beats that wait to be sent on, and those of one frame; beyond it the oldest wait for their client's next one. */
  beatsWaiting: 200_000,
  beatsPerFrame: 5_000,
  /** Subscriptions of one client, and of a node: 10,000 clients with 20 each, and room. */
  subscriptionsOfClient: 5_000,
  subscriptions: 500_000,
  /** Answers that are kept built; each is as long as its list of hosts. */
  builtAnswers: 10_000,
  /** Services of which it is kept when they were told of last: some 2 MB. */
  refTimes: 10_000,
  /** Checks of persistent instances under way. */
  probes: 64,
} as const
