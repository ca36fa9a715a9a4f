// What a reader of the screen says while a run plays or a hand moves: the step, what is read off, and how runs end.

import { seen } from './guess.js';
import { row } from './messages.js';
import { number } from './numerals.js';

const REST = 500; // ms until words are said
const PLAYING = 2500; // the same while it plays: a sentence takes that long

// The readings of a scene at a step, in words; no row ends within a number.
export const readings = (scene, step, apart) => scene.layers.filter((l) => l.kind === 'reading')
  .map((l) => `${l.name} = ${number(row(l.values, step)[0]).replaceAll(' ', '\u00a0')}`).join(apart);

function words(S) {
  const scene = seen(S);
  const step = Math.floor(S.k);
  const ends = S.playing && step < scene.steps ? [] : scene.chips ?? [];
  const said = ends.map(({ name, verdict }) => `${name}: ${verdict}`);
  return [scene.steps ? `step ${step} of ${scene.steps}` : '', readings(scene, step, ', '), ...said].filter(Boolean).join('. ');
}

// Say soon what is then true; many changes in a row are one sentence.
export function announce(S) {
  S.announcing ??= setTimeout(() => {
    S.announcing = undefined;
    const said = S.shell.querySelector('.gd-said');
    const now = words(S);
    if (said.textContent !== now) said.textContent = now;
  }, S.playing ? PLAYING : REST);
}
