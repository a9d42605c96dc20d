/** The limits of a content, and how large one is. */

/** What the nodes take, UTF-8 bytes. */
export const maxContentBytes = 10 * 1_048_576
/** Above it a text opens without grammar and checks: both run on the thread that draws. */
export const largeBytes = 2 * 1_048_576

const encoder = new TextEncoder()

/** Bytes of the content as UTF-8. */
export const utf8Bytes = (content: string): number => encoder.encode(content).length
