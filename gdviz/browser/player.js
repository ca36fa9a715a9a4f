// The player: the bar under the figure, the keys, and the clock that drives a run.

import { draw, drawHandle, handlesNow, panel } from './drawing.js';
import { number, row } from './messages.js';

const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4, 10];
const RUN_SECONDS = 6; // a run at speed 1 takes this long, unless that is under MIN_RATE steps/s
const MIN_RATE = 4;

const ICONS = { // drawn here, for not every font has the signs of a player
  first: 'M5 4v12M16 4l-8 6 8 6z', back: 'M14 4l-8 6 8 6z', play: 'M6 3l11 7-11 7z', pause: 'M6 3h3v14H6zM12 3h3v14h-3z',
  next: 'M6 4l8 6-8 6z', last: 'M15 4v12M4 4l8 6-8 6z', loop: 'M4 10a6 6 0 1 0 2-4.5M6 2v4h4',
};
const icon = (name) => `<svg viewBox="0 0 20 20" width="1.15em" height="1.15em" stroke="currentColor" stroke-width="2" stroke-linejoin="round" fill="${name === 'loop' ? 'none' : 'currentColor'}" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
const button = (name, label, key) => `<button data-do="${name}" aria-label="${label}" title="${label}${key ? ` (${key})` : ''}">${icon(name)}</button>`;
const BAR = [
  button('first', 'Go to the start', 'Home'), button('back', 'One step back', '←'), button('play', 'Play', 'Space'),
  button('next', 'One step forward', '→'), button('last', 'Go to the end', 'End'),
  '<input type="range" min="0" step="1" aria-label="Step"><output></output>',
  `<select aria-label="Speed" title="Speed">${SPEEDS.map((s) => `<option value="${s}"${s === 1 ? ' selected' : ''}>${s}×</option>`).join('')}</select>`,
  button('loop', 'Loop', ''), '<span class="gd-readings"></span>',
].join('');

const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

function setStep(S, k, byHand) {
  S.k = Math.max(0, Math.min(S.scene.steps, k));
  refresh(S);
  if (byHand) S.report?.(Math.round(S.k));
}

function play(S, on) {
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
};
const KEYS = { ' ': 'play', ArrowLeft: 'back', ArrowRight: 'next', Home: 'first', End: 'last' };

// Keys are the stage's unless another control has the focus: a dial and a text field keep theirs.
export function onKey(S, event) {
  const busy = event.composedPath().some((node) => node.matches?.('input:not([type=range]), textarea, select, [role=slider], [role=tab], [role=radio], [role=listbox], [role=combobox], [role=dialog], [contenteditable=true]'));
  const onButton = event.key === ' ' && event.composedPath()[0].closest?.('button, a, summary');
  if (busy || onButton || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !(event.key in KEYS)) return;
  event.preventDefault();
  if (event.key !== ' ' && S.playing) play(S, false);
  ACTIONS[KEYS[event.key]](S);
}

export function buildBar(S) {
  S.bar.innerHTML = BAR;
  S.bar.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    if (button.dataset.do !== 'play' && button.dataset.do !== 'loop' && S.playing) play(S, false);
    ACTIONS[button.dataset.do](S);
  });
  const scrub = S.bar.querySelector('input');
  scrub.addEventListener('input', () => { S.playing = false; setStep(S, Number(scrub.value), false); });
  scrub.addEventListener('change', () => { play(S, false); });
  S.bar.querySelector('select').addEventListener('change', (event) => { S.speed = Number(event.target.value); });
}

export function refresh(S) {
  const { gd, over, scene, style } = S;
  if (!gd._fullLayout) return;
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
  draw(g, gd, scene, S.k, style);
  for (const handle of handlesNow(S)) drawHandle(g, handle, panel(gd, handle.panel), style);
  const step = Math.floor(S.k);
  if (S.announced !== step) {
    S.announced = step;
    document.dispatchEvent(new CustomEvent('gdviz-step', { detail: { key: scene.key, step, playing: Boolean(S.playing) } }));
  }
  const scrub = S.bar.querySelector('input');
  scrub.max = scene.steps;
  scrub.value = step;
  S.bar.querySelector('output').textContent = `step ${step} / ${scene.steps}`;
  S.bar.querySelector('.gd-readings').textContent = scene.layers.filter((l) => l.kind === 'reading')
    .map((l) => `${l.name} = ${number(row(l.values, step)[0])}`).join('   ');
}
