// How a dial looks, light, dark and in a lecture.

export const CSS = `
  .dial {
    --knob: 14px; --line: 3px; --ink: var(--st-text-color, #31333f);
    --halo: color-mix(in srgb, var(--st-primary-color, #0072b2) 35%, transparent);
    position: relative; padding: 0 calc(var(--knob) / 2); user-select: none;
    margin-top: -10px; /* nearer to its own field above than to the next one below */
    font: 0.78rem/1.25 var(--st-font, sans-serif); color: var(--ink);
  }
  .dial.large { --knob: 24px; --line: 6px; font-size: 20px; }
  .rail {
    position: relative; height: calc(var(--knob) + 12px); outline: none;
    cursor: pointer; touch-action: pan-y; /* a finger across it scrolls the page */
    /* the ends of the track stay easy to hit: the rail reaches over the padding */
    margin: 0 calc(var(--knob) / -2); padding: 0 calc(var(--knob) / 2);
  }
  .track { position: relative; height: 100%; }
  .line, .fill, .tick, .knob { position: absolute; pointer-events: none; }
  .line, .fill {
    left: 0; top: calc(50% - var(--line) / 2); height: var(--line);
    border-radius: var(--line);
  }
  .line { right: 0; background: color-mix(in srgb, var(--ink) 18%, transparent); }
  .fill { width: calc(var(--at) * 100%); background: var(--st-primary-color, #0072b2); }
  .tick {
    left: calc(var(--at) * 100%); width: 1px; margin-left: -0.5px;
    top: calc(50% + var(--line) / 2 + 2px); height: 4px;
    background: color-mix(in srgb, var(--ink) 40%, transparent);
  }
  .tick.mark {
    width: 2px; margin-left: -1px; background: var(--ink);
    top: calc(50% - var(--knob) / 2 + 1px); height: auto; bottom: 1px;
  }
  .large .tick { width: 2px; margin-left: -1px; height: 6px; }
  .large .tick.mark { width: 3px; margin-left: -1.5px; height: auto; }
  .knob {
    left: calc(var(--at) * 100%); top: calc(50% - var(--knob) / 2); box-sizing: border-box;
    width: var(--knob); height: var(--knob); margin-left: calc(var(--knob) / -2);
    border-radius: 50%; background: var(--st-primary-color, #0072b2);
    /* a rim in the page's colour lifts the knob off a mark that stands right behind it */
    border: 2px solid var(--st-background-color, #fff);
    box-shadow: 0 0 0 1px var(--st-primary-color, #0072b2);
  }
  .bubble {
    position: absolute; left: calc(var(--at) * 100%); bottom: calc(50% + var(--knob) / 2 + 3px);
    transform: translateX(-50%); padding: 1px 7px; border-radius: 5px; pointer-events: none;
    background: var(--st-primary-color, #0072b2); color: var(--st-background-color, #fff);
    font-variant-numeric: tabular-nums; z-index: 2;
  }
  .bubble[hidden] { display: none; }
  .rail:hover .knob { box-shadow: 0 0 0 3px var(--halo); }
  .rail:focus-visible .knob, .rail.held .knob { box-shadow: 0 0 0 5px var(--halo); }
  .labels { position: relative; height: 1.25em; }
  .labels:empty { display: none; }
  .labels button {
    all: unset; position: absolute; top: 0; white-space: nowrap; cursor: pointer;
    color: color-mix(in srgb, var(--ink) 80%, transparent);
  }
  .labels button:hover, .labels button:focus-visible {
    color: var(--st-primary-color, #0072b2); text-decoration: underline;
    text-underline-offset: 2px;
  }
  @media (pointer: coarse) {
    .dial { --knob: 22px; margin-top: -4px; }
    .rail { height: 44px; }
    .labels { height: 36px; }
    .labels button { min-width: 44px; line-height: 44px; top: -8px; text-align: center; }
  }
  .disabled { opacity: 0.4; }
  .disabled .rail, .disabled button { cursor: not-allowed; }
  @media (prefers-reduced-motion: no-preference) { .knob { transition: box-shadow 120ms; } }
  @media (forced-colors: active) {
    .line, .tick { background: CanvasText; }
    .fill, .knob { background: Highlight; }
    .rail:focus-visible { outline: 2px solid Highlight; }
  }
`;
