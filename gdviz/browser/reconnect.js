// Nothing to see: what holds for a whole page. Beside the manners of the keyboard and of the history, this brings a
// page back when its connection is there again after it was lost.
//
// Streamlit's browser part connects again by itself, but does not run the page. Where another server answers now, that
// one knows nothing of the page, and what the page's fragments say would go unheard. So the page is run once as a whole,
// with all that its widgets hold, just before the visitor's next move. Until then it shows what it has shown: a hall whose
// server has died does not come to the other one all at once.
//
// In:  data = {session, shown, followed, query, hall, origins, obeyed}: the name of the session in which the page was drawn;
//      the page, if it can be set to a link; the number of the last message `went` that it has followed, and its link
//      since; how often a hall was asked for; the sites that may steer it from around its frame; the number of the last
//      message `asked` that it has obeyed.
// Out: trigger `back` = {session, files}: the name when the connection was lost (a page that speaks by itself, as one that
//      plays does, may have been run since), and how many uploaded files the page shows;
//      trigger `went` = {to, n}: the page and query to which the browser's Back and Forward have led, and a number;
//      state `asked` = {page, knobs, n}: what the page around the frame sets.

import { listenToFrame } from './framed.js';
import { followed, listenToHistory } from './history.js';
import { Line } from './line.js';
import { listenForManners } from './manners.js';

let halls = 0; // how often a hall was asked for, of what was done

// A hall is opened, or goes on after the page was loaded anew: what it needs is loaded then only.
async function holdHall(asked) {
  const wanted = asked > halls;
  halls = Math.max(halls, asked);
  if (wanted || sessionStorage.getItem('gdviz-hall')) (await import('./hall.js')).hold();
}

const SIGNS = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchstart'];

function watch(S) {
  const app = document.querySelector('[data-testid="stApp"]');
  const forget = () => {
    for (const sign of SIGNS) removeEventListener(sign, comeBack, true);
  };
  const comeBack = () => {
    forget();
    const files = document.querySelectorAll('[data-testid="stFileUploader"] [data-testid="stFileChip"]').length;
    S.tell('back', { session: S.left, files });
    S.left = undefined;
  };
  const look = () => {
    forget();
    if (app.dataset.testConnectionState !== 'CONNECTED') S.left ??= S.session;
    else if (S.left) for (const sign of SIGNS) addEventListener(sign, comeBack, true);
  };
  const observer = new MutationObserver(look);
  observer.observe(app, { attributeFilter: ['data-test-connection-state'] });
  return () => { observer.disconnect(); forget(); };
}

// The page around the frame plays the stage, or sets knobs: of those that wait none is lost.
function hearFrame(S) {
  return listenToFrame((said) => {
    if (said.gdviz !== 'set') document.dispatchEvent(new CustomEvent('gdviz-frame', { detail: said }));
    else if (S.shown && said.knobs) S.asks.post({ page: S.shown, knobs: { ...S.asks.next?.knobs, ...said.knobs } });
  }, () => S.origins);
}

export default ({ data, parentElement, setStateValue, setTriggerValue }) => {
  const S = (parentElement.gdBack ??= { left: undefined }); // `left`: the session that was lost
  S.session = data.session;
  S.shown = data.shown;
  S.tell = setTriggerValue;
  S.origins = data.origins;
  S.asks ??= new Line(data.obeyed);
  S.asks.send = (message) => setStateValue('asked', message);
  S.stops ??= [watch(S), listenToHistory((went) => S.tell('went', went), () => S.shown), listenForManners(), hearFrame(S)];
  followed(data.followed, data.query);
  holdHall(data.hall);
  S.asks.answered(data.obeyed);
  return () => {
    for (const stop of S.stops) stop();
    delete parentElement.gdBack;
  };
};
