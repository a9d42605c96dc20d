/** What stands where in the folder that is recorded. */

export const nodeName = 'node'
/** The workload's own words; no part of the node's disk. */
export const marksName = 'marks'
