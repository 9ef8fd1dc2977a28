import type { SaveError } from './errors.ts';

/** A row about to be saved or deleted, as far as trouble may ask for it. */
export interface TroubledRow {
  /** The record's id, where the request names one. */
  id?: string | undefined;
  /** Everything else that the request says of it: parents' ids and external ids among them. */
  values: unknown[];
}

/** What is to go wrong with one Bulk job; empty when nothing is. */
export interface JobTrouble {
  /** After so many rows it ends as Failed. */
  failAfter?: number | undefined;
  /** After so many rows it ends as Aborted. */
  abortAfter?: number | undefined;
  /** The job's errorMessage when it fails. */
  message?: string | undefined;
  /** So long it waits before it begins. */
  delayMs?: number | undefined;
  rowsPerSecond?: number | undefined;
  /** It completes, but what it found can't be fetched any more. */
  loseResults?: boolean | undefined;
}

/** A request in whose course rows are saved. */
export interface Occasion {
  method: string;
  url: string;
}

/** What is made to go wrong inside of the org: the control plane decides, the verbs and jobs ask. */
export interface Trouble {
  /** Which rows of one save or delete are refused, by their place, and why. */
  ofRows: (sobject: string, rows: TroubledRow[]) => Map<number, SaveError>;
  ofJob: (occasion: Occasion, object: string) => JobTrouble;
  /** Does work that no HTTP request surrounds as if one did. */
  during: <T>(occasion: Occasion, work: () => Promise<T>) => Promise<T>;
}

/** An org in which nothing goes wrong by itself. */
export const noTrouble: Trouble = {
  ofRows: () => new Map(),
  ofJob: () => ({}),
  during: (_occasion, work) => work(),
};
