/** Words of the logs screen. */

export const logs = {} as const
