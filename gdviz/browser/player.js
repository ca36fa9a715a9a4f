// The player: the bar under the figure, the keys, and the clock that drives a run.

import { announce, readings } from './announce.js';
import { Ask } from './ask.js';
import { draw } from './drawing.js';
import { guess, seen, waits } from './guess.js';
import { drawHandle, handlesNow, spoken } from './handle_marks.js';
import { withoutTools } from './tools.js';

const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4, 10];
const RUN_SECONDS = 6; // a run at speed 1 takes this long, unless that is under MIN_RATE steps/s
const MIN_RATE = 4;

const ICONS = { // drawn here, for not every font has the signs of a player
  first: 'M5 4v12M16 4l-8 6 8 6z', back: 'M14 4l-8 6 8 6z', play: 'M6 3l11 7-11 7z', pause: 'M6 3h3v14H6zM12 3h3v14h-3z',
  guess: 'M2 10q8-9 16 0q-8 9-16 0M10 8v4M4 17L16 3', next: 'M6 4l8 6-8 6z', last: 'M15 4v12M4 4l8 6-8 6z', loop: 'M4 10a6 6 0 1 0 2-4.5M6 2v4h4',
};
const icon = (name) => `<svg viewBox="0 0 20 20" width="1.15em" height="1.15em" stroke="currentColor" stroke-width="2" stroke-linejoin="round" fill="${['loop', 'guess'].includes(name) ? 'none' : 'currentColor'}" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
const button = (name, label, key) => `<button data-do="${name}" aria-label="${label}" title="${label}${key ? ` (${key})` : ''}">${icon(name)}</button>`;
const BAR = [
  button('first', 'Go to the start', 'Home'), button('back', 'One step back', '←'), button('play', 'Play', 'Space'),
  button('next', 'One step forward', '→'), button('last', 'Go to the end', 'End'),
  '<input type="range" min="0" step="1" aria-label="Step"><output aria-live="off"></output>',
  `<select aria-label="Speed" title="Speed">${SPEEDS.map((s) => `<option value="${s}"${s === 1 ? ' selected' : ''}>${s}×</option>`).join('')}</select>`,
  button('loop', 'Loop', ''), button('guess', 'Guess first: hide the run', ''), '<span class="gd-readings"></span>',
].join('');

const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

function setStep(S, k, byHand) {
  if (waits(S)) return;
  if (S.guessing) guess(S, false);
  S.k = Math.max(0, Math.min(S.scene.steps, k));
  refresh(S);
  if (byHand) S.report?.(Math.round(S.k));
}

function play(S, on) {
  if (waits(S)) return;
  if (S.guessing) guess(S, false);
  if (on && S.k >= S.scene.steps) S.k = 0;
  S.playing = on && S.scene.steps > 0;
  S.clock = undefined;
  const button = S.bar.querySelector('[data-do="play"]');
  button.innerHTML = icon(S.playing ? 'pause' : 'play');
  button.setAttribute('aria-label', S.playing ? 'Pause' : 'Play');
  if (S.playing) requestAnimationFrame((now) => frame(S, now)); else setStep(S, Math.round(S.k), true);
}

function frame(S, now) {
  if (!S.playing || !S.root.isConnected) return;
  const rate = Math.max(MIN_RATE, S.scene.steps / RUN_SECONDS) * S.speed;
  S.exact = (S.clock === undefined ? S.k : S.exact) + (rate * (now - (S.clock ?? now))) / 1000;
  S.clock = now;
  if (S.exact >= S.scene.steps) {
    S.k = S.scene.steps;
    if (!S.loop) return play(S, false);
    S.exact = 0;
  }
  S.k = still() ? Math.floor(S.exact) : S.exact;
  refresh(S);
  S.frames = (S.frames ?? 0) + 1;
  requestAnimationFrame((t) => frame(S, t));
}

// Play on from a step, at a speed; one that is 0 stands there.
export function playFrom(S, k, speed) {
  S.k = Math.min(k, S.scene.steps);
  if (speed) S.speed = speed;
  play(S, speed > 0 && S.k < S.scene.steps);
}

export function goTo(S, k) {
  S.k = k;
  play(S, false);
}

// What the page around ours asks for: see framed.js.
export function obey(S, { gdviz, step }) {
  if (!S.scene) return;
  if (gdviz === 'play' || (gdviz === 'pause' && S.playing)) play(S, gdviz === 'play');
  if (gdviz !== 'step' || !Number.isInteger(step)) return;
  S.playing = false;
  setStep(S, step, true);
  play(S, false);
}

const ACTIONS = {
  first: (S) => setStep(S, 0, true),
  back: (S) => setStep(S, Math.ceil(S.k) - 1, true),
  play: (S) => play(S, !S.playing),
  next: (S) => setStep(S, Math.floor(S.k) + 1, true),
  last: (S) => setStep(S, S.scene.steps, true),
  loop: (S) => {
    S.loop = !S.loop;
    S.bar.querySelector('[data-do="loop"]').setAttribute('aria-pressed', S.loop);
  },
  guess: (S) => {
    if (S.playing) play(S, false);
    guess(S, !S.guessing);
    refresh(S);
  },
};
const KEYS = { ' ': 'play', ArrowLeft: 'back', ArrowRight: 'next', Home: 'first', End: 'last' };

const OTHERS = 'input:not([type=range]), textarea, select, [role=slider], [role=tab], [role=radio], [role=listbox], [role=combobox], [role=dialog], [role=grid], [role=menu], [data-testid=stDataFrame], [data-testid=stPopoverBody], [contenteditable=true], .gd-chips';
// A pointer leaves the focus on what it pressed; Space and arrows then have nothing to do there.
const PRESSED = 'button, a, summary, [role=tab], [role=radio], select, input:is([type=checkbox], [type=radio], [role=combobox][aria-expanded=false])';
const NO_SPACES = '[type=number], [role=slider]';

const inWindow = ({ top, bottom }) => bottom > 0 && top < innerHeight;

function keptBy(S, key, path) {
  const [target] = path;
  const left = S.byPointer && target.matches?.(key === ' ' ? `${PRESSED}, ${NO_SPACES}` : PRESSED);
  const others = left ? path.filter((node) => node !== target && !node.matches?.('[role=tab], [role=radio], [role=combobox]')) : path;
  return others.some((node) => node.matches?.(OTHERS)) || (!left && key === ' ' && target.closest?.('button, a, summary'));
}

// Keys are the stage's unless another control was reached by keys, or takes text: a dial, a table and a text field keep
// theirs. A page that was scrolled past the stage scrolls on.
export function onKey(S, event) {
  const { key, type } = event;
  if (key === 'Tab') S.byPointer = false;
  if (type === 'keyup') { // a switch turns when Space is let go
    if (S.taken === key) event.preventDefault();
    S.taken = null;
    return;
  }
  const path = event.composedPath();
  const away = !(path.includes(S.shell) || inWindow(S.shell.getBoundingClientRect()));
  if (!(key in KEYS) || away || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || keptBy(S, key, path)) return;
  event.preventDefault();
  event.stopPropagation();
  S.taken = key;
  if (key !== ' ' && S.playing) play(S, false);
  ACTIONS[KEYS[key]](S);
}

export function buildBar(S) {
  S.bar.innerHTML = BAR;
  S.bar.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    if (!['play', 'loop', 'guess'].includes(button.dataset.do) && S.playing) play(S, false);
    ACTIONS[button.dataset.do](S);
  });
  S.ask = new Ask(S, { refresh: () => refresh(S), reveal: () => play(S, true) });
  const scrub = S.bar.querySelector('input');
  scrub.addEventListener('input', () => { S.playing = false; setStep(S, Number(scrub.value), false); });
  scrub.addEventListener('change', () => { play(S, false); });
  S.bar.querySelector('select').addEventListener('change', (event) => { S.speed = Number(event.target.value); });
}

export function refresh(S) {
  const { gd, over, style } = S;
  if (!gd._fullLayout || !S.scene) return;
  const scene = seen(S);
  const ratio = devicePixelRatio || 1;
  const [w, h] = [gd.clientWidth, gd.clientHeight];
  if (over.width !== Math.round(w * ratio) || over.height !== Math.round(h * ratio)) {
    over.width = Math.round(w * ratio);
    over.height = Math.round(h * ratio);
    over.style.width = w + 'px';
    over.style.height = h + 'px';
  }
  const g = over.getContext('2d');
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.clearRect(0, 0, w, h);
  draw(g, gd, withoutTools(S, scene), S.k, style);
  S.ask.paint(g);
  for (const handle of handlesNow(S)) drawHandle(g, S, handle);
  S.keys?.place();
  announce(S);
  const words = spoken(S);
  if (gd.getAttribute('aria-label') !== words) gd.setAttribute('aria-label', words);
  const step = Math.floor(S.k);
  const speed = S.playing ? S.speed : 0;
  if (S.announced !== step + speed / 100) {
    S.announced = step + speed / 100;
    document.dispatchEvent(new CustomEvent('gdviz-step', { detail: { key: scene.key, step, speed, playing: Boolean(S.playing) } }));
  }
  const scrub = S.bar.querySelector('input');
  scrub.max = scene.steps;
  scrub.value = step;
  S.bar.querySelector('output').textContent = `step ${step} / ${scene.steps}`;
  S.bar.querySelector('.gd-readings').textContent = readings(scene, step, '   ');
}
