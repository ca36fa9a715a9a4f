// How a stage looks: legend, bar, words under the hand; on a wide screen, on a phone, in print.

export const CSS = `
.gd-stage { position: relative; container-type: inline-size; font-family: var(--st-font, sans-serif); color: var(--st-text-color, #222); }
.gd-plot { position: relative; width: 100%; }
.gd-plot canvas.gd-over { position: absolute; inset: 0; pointer-events: none; }
.gd-plot .modebar { opacity: 0 !important; } /* Plotly's own rule does not hide it in every browser */
.gd-plot:is(:hover, :focus-within) .modebar { opacity: 1 !important; }
.gd-keys { position: absolute; inset: 0; overflow: clip; pointer-events: none; }
.gd-keys > * { position: absolute; left: -22px; top: -22px; width: 44px; height: 44px; border-radius: 50%; }
.gd-keys > [role="button"] { border-radius: 8px; }
.gd-keys > :focus-visible { outline: 3px solid var(--st-primary-color, #06c); outline-offset: -6px; }
.gd-said { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.gd-chips { display: flex; flex-wrap: wrap; align-content: flex-start; gap: 5px 10px; min-height: 34px; font-size: 0.92rem; }
.gd-many { min-height: 68px; }
.gd-chip { padding: 2px 10px; border: 1px solid var(--st-border-color, #ccc); border-radius: 16px; white-space: nowrap; }
.gd-late b { opacity: 0.4; }
.gd-chips:empty { display: none; }
.gd-chips:focus-visible { outline: 2px solid var(--st-primary-color, #06c); outline-offset: -2px; }
.gd-large .gd-chips { font-size: 1rem; min-height: 1.9rem; }
.gd-guess .gd-readings { visibility: hidden; }
.gd-guess .gd-chips { display: none; }
.gd-ask { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 12px; min-height: 34px; padding-bottom: 4px; font-size: 0.95rem; }
.gd-ask[hidden] { display: none; }
.gd-ask p { margin: 0; }
.gd-question { font-weight: 600; }
.gd-ask kbd { padding-left: 6px; font: inherit; opacity: 0.7; }
.gd-answer { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 10px; }
.gd-result { flex: 1 1 20em; }
.gd-ask :is(button, input) { min-height: 34px; font: inherit; color: inherit; background: var(--st-background-color, #fff); border: 1px solid var(--st-border-color, #aaa); border-radius: 8px; }
.gd-ask button { padding: 2px 12px; cursor: pointer; }
.gd-ask button:hover, .gd-ask .gd-reveal, .gd-choice[aria-pressed="true"] { border-color: var(--st-primary-color, #06c); }
.gd-choice[aria-pressed="true"] { box-shadow: inset 0 0 0 2px var(--st-primary-color, #06c); }
.gd-ask input { width: 7em; padding: 2px 8px; }
.gd-ask :focus-visible { outline: 2px solid var(--st-primary-color, #06c); }
.gd-ask :is(p, div):empty, .gd-ask [hidden] { display: none; }
.gd-large .gd-ask { font-size: 1rem; }
.gd-bar { display: flex; align-items: center; gap: 4px; min-height: 36px; font-size: 14px; }
.gd-bar button { display: inline-flex; align-items: center; justify-content: center; }
.gd-bar button, .gd-bar select { min-width: 30px; height: 28px; border: 1px solid transparent; border-radius: 6px; background: transparent; color: inherit; font: inherit; cursor: pointer; padding: 0 5px; }
.gd-bar button:hover, .gd-bar select:hover { border-color: var(--st-border-color, #ccc); }
.gd-bar button:focus-visible, .gd-bar input:focus-visible, .gd-bar select:focus-visible { outline: 2px solid var(--st-primary-color, #06c); }
.gd-bar button[aria-pressed="true"], .gd-bar button[data-do="play"] { color: var(--st-primary-color, #06c); }
.gd-bar select option { color: #222; background: #fff; }
.gd-bar input { flex: 1 1 80px; min-width: 60px; accent-color: var(--st-primary-color, #06c); }
.gd-bar output { min-width: 6.2em; font-variant-numeric: tabular-nums; white-space: nowrap; }
.gd-readings { flex: 0 1 auto; min-width: 19em; padding-left: 8px; font-variant-numeric: tabular-nums; white-space: pre; overflow: hidden; text-overflow: ellipsis; }
.gd-large .gd-bar { min-height: 2.4rem; font-size: 1rem; flex-wrap: wrap; }
.gd-large .gd-bar button, .gd-large .gd-bar select { height: 2rem; min-width: 2.1rem; }
.gd-large .gd-bar input { flex-basis: 16rem; }
.gd-large .gd-readings { min-width: 0; max-width: 100%; white-space: pre-wrap; }
.gd-tools { display: flex; flex-wrap: wrap; gap: 4px; }
.gd-tools:empty { display: none; }
.gd-tools button { min-width: 44px; min-height: 44px; padding: 0 5px; border: 1px solid var(--st-border-color, #ccc); border-radius: 8px; background: transparent; color: inherit; font: inherit; font-size: 0.85rem; cursor: pointer; }
.gd-tip { position: absolute; pointer-events: none; padding: 3px 8px; border-radius: 6px; font-size: 13px; white-space: pre; z-index: 3; border: 1px solid var(--st-border-color, #ccc); background: var(--st-background-color, #fff); }
.gd-large .gd-tip { font-size: 1rem; }
/* Where the bar has no room in one row, the steps have the second and what is read off the third. */
@container (max-width: 760px) {
  .gd-bar { flex-wrap: wrap; row-gap: 2px; }
  .gd-bar input, .gd-bar output { order: 1; }
  .gd-bar input { flex-basis: 55%; }
  .gd-readings { order: 2; flex: 1 0 100%; min-width: 0; padding-left: 0; white-space: pre-wrap; }
}
/* On a phone the legend is one row that scrolls, so that the picture is in the first screen. */
@container (max-width: 500px) {
  .gd-chips, .gd-many { flex-wrap: nowrap; overflow-x: auto; scrollbar-width: none; min-height: 34px; }
  .gd-chip { flex: none; }
}
@media (pointer: coarse) {
  .gd-bar button, .gd-bar select, .gd-large .gd-bar button { min-width: 44px; height: 44px; }
  .gd-bar input { height: 44px; }
  .gd-ask :is(button, input) { min-height: 44px; }
  .gd-ask kbd { display: none; }
  .gd-plot .modebar { display: none; } /* two fingers zoom, two taps reset */
}
@media (forced-colors: active) {
  .gd-chip > span, .gd-plot, .gd-bar input { forced-color-adjust: none; }
  .gd-bar button[aria-pressed="true"] { border-color: Highlight; }
  .gd-choice[aria-pressed="true"] { border: 3px solid Highlight; }
}
@media print {
  .gd-bar, .gd-plot .modebar, .gd-tip, .gd-tools { display: none !important; }
  .gd-stage { break-inside: avoid; }
}`;
