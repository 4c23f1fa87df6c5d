/** The core's worker. */
export {}
