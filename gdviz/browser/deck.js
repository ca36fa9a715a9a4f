// Slides in one file: one of them is seen, and its stage is made when it is seen first.
//
// A presenter's remote sends PageDown and PageUp. Space, the arrows to the sides, Home and End are the player's.

import { listenToFrame } from './framed.js';
import { unpack } from './messages.js';
import { obey } from './player.js';
import { create, show } from './stage.js';

const TURNS = { PageDown: 1, ArrowDown: 1, n: 1, PageUp: -1, ArrowUp: -1, p: -1 };

// `backgrounds` are figures by their id, `scenes` packed ones in base64; the first slide has none.
export function openDeck(Plotly, backgrounds, scenes) {
  const slides = [...document.querySelectorAll('.slide')];
  const stages = new Map();
  let here = null;

  function stage(n) {
    if (n < 1 || stages.has(n)) return;
    const scene = unpack(Uint8Array.from(atob(scenes[n - 1]), (c) => c.charCodeAt(0)));
    const S = create(slides[n].querySelector('.stage'), scene.height);
    stages.set(n, S);
    show(S, Plotly, backgrounds[scene.background], scene);
  }

  function turnTo(asked) {
    const n = Math.max(0, Math.min(slides.length - 1, asked));
    if (n === here) return;
    if (stages.has(here)) obey(stages.get(here), { gdviz: 'pause' });
    slides.forEach((slide, i) => { slide.hidden = i !== n; });
    here = n;
    document.querySelector('nav output').textContent = `${n + 1} / ${slides.length}`;
    if (location.protocol !== 'about:') history.replaceState(null, '', `#${n + 1}`); // a notebook's frame has no address
    slides[n].focus({ preventScroll: true });
    stage(n);
  }

  const named = () => (Number.parseInt(location.hash.slice(1), 10) || 1) - 1;
  addEventListener('hashchange', () => turnTo(named()));
  addEventListener('keydown', ({ key, target, ctrlKey, metaKey, altKey }) => {
    if (TURNS[key] && !(ctrlKey || metaKey || altKey || target.closest?.('input, select, .gd-keys'))) turnTo(here + TURNS[key]);
  });
  for (const button of document.querySelectorAll('nav button')) button.addEventListener('click', () => turnTo(here + Number(button.dataset.go)));
  listenToFrame((said) => {
    if (said.gdviz === 'slide' && Number.isInteger(said.slide)) turnTo(said.slide - 1);
    else if (stages.has(here)) obey(stages.get(here), said);
  });
  turnTo(named());
}
