/** `http://127.0.0.1:8848` as people read it. */
export const hostPort = (address: string): string => address.replace(/^\w+:\/\//, '').replace(/\/.*$/, '')
