// Predict, then reveal: a run is hidden at its first step, with all that tells how it ends, until somebody asks for it.

const TOLD = new Set(['track', 'ghost', 'reading', 'cursor']); // kinds of layers that tell of other steps than the first

// What is hidden with the run around its stage. A rule that asks which part has a stage in it (`:has`) would be asked anew
// whenever a chart measures a word: a page that opens hidden would stand still for seconds.
const AROUND = new CSSStyleSheet();
AROUND.replaceSync(`.stTabs, .stMainBlockContainer [data-testid="stMetric"] { visibility: hidden;
    & * { visibility: hidden; } }
  .st-key-live > * > [data-testid="stHorizontalBlock"] > [data-testid="stColumn"]:first-child
  [data-testid="stVerticalBlock"] > * { visibility: hidden;
    & :not(.gd-stage, .gd-stage *) { visibility: hidden; }
    & .gd-stage { visibility: visible; } }`);

// The scene as it may be seen; where nothing plays, the handles alone.
export function seen({ scene, guessing }) {
  if (!guessing) return scene;
  const early = ({ kind, name }) => scene.steps > 0 && !TOLD.has(kind) && !scene.ends?.includes(name);
  const layers = scene.layers.filter((layer) => layer.tool || early(layer));
  return { ...scene, layers, chips: [], alt: 'The run is hidden: guess how it ends.' };
}

// The handles that a hand can take: that of the guess alone where a question asks for a place.
// Who follows a hall moves nothing else.
const NONE = [];
export const within = (S) => S.ask?.handles ?? (S.follows ? NONE : S.scene.handles);

// Whether a run stays hidden until the hall reveals it.
export const waits = (S) => Boolean(S.follows && S.guessing);

// Hide what is around a stage, or show it.
export function hideAround(on) {
  const others = document.adoptedStyleSheets.filter((sheet) => sheet !== AROUND);
  document.adoptedStyleSheets = on ? [...others, AROUND] : others;
}

// Hide the run or show it, and with it the words and charts around the stage.
export function guess(S, on) {
  S.guessing = on;
  S.shell.classList.toggle('gd-guess', on);
  hideAround(on);
  S.bar.querySelector('[data-do="guess"]').setAttribute('aria-pressed', on);
  if (on) S.k = 0;
  if (on) S.ask.begin();
  else S.ask.reveal();
  document.dispatchEvent(new CustomEvent('gdviz-hidden', { detail: on }));
}

// What Python asks for (a link, a stop of a tour) is done once: who has revealed a run is not asked again.
export function guessIfAsked(S, scene) {
  const asked = scene.guess ?? null;
  if (asked === (S.guessed ?? null)) return;
  S.guessed = asked;
  S.playing = false;
  guess(S, asked !== null);
}
