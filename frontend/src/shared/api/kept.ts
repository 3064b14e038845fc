/** What a browser keeps of the server's answers, so that the editor opens without it. */

export const SHELL = 'infantnet-shell';
export const ANSWERS = 'infantnet-answers';
export const PICTURES = 'infantnet-pictures';

/** A header of answers that came from what was kept. */
export const KEPT = 'x-infantnet-kept';

const OF_THE_EDITOR = [
  /^\/api\/v1\/auth\/me$/,
  /^\/api\/v1\/recordings\/\d+(\/strip|\/moments|\/postures|\/suspicions|\/discard-proposals)?$/,
  /^\/api\/v1\/frames\/\d+$/,
];

/** Whether the editor needs this answer to open. */
export const isKeptAnswer = (path: string): boolean => OF_THE_EDITOR.some((p) => p.test(path));

/** Pictures never change under their address. */
export const isPicture = (path: string): boolean =>
  /^\/api\/v1\/frames\/\d+\/(image|thumbnail)$/.test(path);
