/** Words of the Configs screen. */

export const configs = {} as const
