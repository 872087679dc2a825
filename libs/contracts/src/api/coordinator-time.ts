/** A header of every answer: milliseconds since 1970 by the coordinator's clock, which dates all that it shows. */
export const COORDINATOR_TIME_HEADER = 'skiplane-time';
