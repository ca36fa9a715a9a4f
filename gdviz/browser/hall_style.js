// What the lecturer's bar is made of, and how it looks.

import { GUESS } from './guess_mark.js';

const pressable = (name, words, more = '') => `<button class="gd-hall-${name}" data-do="${name}"${more}>${words}</button>`;

export const PARTS_OF_HALL = `<div class="gd-hall-bars"></div><div class="gd-hall-row">
  <span>Hall ${pressable('code', '', ' title="Show the code and the QR code"')}</span><span class="gd-hall-phones"></span>
  <b class="gd-hall-said" role="status"></b><span class="gd-hall-count" role="status"></span>
  ${pressable('ask', 'Ask')}${pressable('reveal', 'Reveal')}${pressable('table', 'CSV')}${pressable('figure', 'SVG')}${pressable('close', 'Close the hall')}</div>
  <dialog class="gd-hall-dialog" aria-label="Join the hall"><p class="gd-hall-big"></p><img class="gd-hall-qr" alt="QR code of the link below">
  <p class="gd-hall-link"></p>${pressable('enough', 'Go on', ' autofocus')}<p class="gd-hall-unseen"></p></dialog>`;

export const CSS_OF_HALL = `
.gd-hall { position: fixed; inset: auto 0 0 0; z-index: 1000; padding: 0.3rem 1rem; font-size: 1rem; border-top: 1px solid rgba(128, 128, 128, 0.5); }
.gd-hall-row { display: flex; flex-wrap: wrap; align-items: center; gap: 0.3rem 1rem; }
.gd-hall-said { flex: 1 1 12rem; }
.gd-hall button { min-height: 2.2rem; padding: 0 0.8rem; font: inherit; color: inherit; background: transparent; border: 1px solid rgba(128, 128, 128, 0.6); border-radius: 8px; cursor: pointer; }
.gd-hall button:focus-visible { outline: 2px solid currentColor; }
.gd-hall [hidden] { display: none; }
.gd-hall button.gd-hall-code { font-weight: 700; letter-spacing: 0.06em; }
.gd-hall-bars ul { display: grid; grid-template-columns: repeat(auto-fit, minmax(20em, 1fr)); gap: 0 1rem; margin: 0.2rem 0; padding: 0; list-style: none; }
.gd-hall-bars li { display: flex; align-items: center; gap: 0.5rem; }
.gd-hall-bars span { min-width: 9em; }
.gd-hall-bars i { height: 0.8em; min-width: 1px; background: ${GUESS}; }
.gd-hall-dialog { color: inherit; background: inherit; border: 1px solid rgba(128, 128, 128, 0.6); border-radius: 12px; text-align: center; }
.gd-hall-dialog p { margin: 0.3rem; overflow-wrap: anywhere; }
.gd-hall-big { font-size: clamp(2rem, 8vh, 8rem); font-weight: 700; letter-spacing: 0.06em; }
.gd-hall-qr { display: block; margin: auto; width: min(80vw, 40vh); background: #fff; }
.gd-hall-dialog .gd-hall-unseen { max-width: 40rem; margin: 0.5rem auto 0; font-size: 0.8em; }
.stMainBlockContainer { padding-bottom: 5rem; }
.st-key-tour_bar { bottom: 3.6rem !important; }
@media (pointer: coarse) { .gd-hall button { min-height: 44px; } }
@media print { .gd-hall { display: none; } }`;
