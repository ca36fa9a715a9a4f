// A phone in a hall: the lecturer's stage, told by one stream of events, and the question that is asked.
//
// An event is the newest state as JSON (gdviz/server/hall/hall.py), with the packed scene of the settings when it is new.

import { adopt } from './grip.js';
import { guess, hideAround } from './guess.js';
import { loadPlotly, unpack } from './messages.js';
import { playFrom } from './player.js';
import { create, show } from './stage.js';

const { plotly, code } = JSON.parse(document.getElementById('hall').textContent);
const AGAIN = 2000; // ms until a lost stream is sought again
const KEPT_GUESS = `gdviz-hall ${code}`;
const [said, title, asked, roam, root] = ['said', 'title', 'asked', 'roam', 'stage'].map((id) => document.getElementById(id));
const here = (path) => new URL(`${code}/${path}`, document.baseURI);
const sayHall = (words) => { if (said.textContent !== words) said.textContent = words; };

let S;
let state = {};
let lost = false; // the hall could not be reached since it was heard of last
let shown = Promise.resolve();

// --- the picture ------------------------------------------------------------------------------------------------------------

const backgroundsHere = new Map();
async function backgroundOf(id) {
  if (!backgroundsHere.has(id)) {
    const answer = await fetch(here(`background/${id}`));
    if (!answer.ok) return null;
    backgroundsHere.clear(); // one is shown at a time
    backgroundsHere.set(id, await answer.json());
  }
  return backgroundsHere.get(id);
}

const heightOfStage = () => Math.max(280, Math.min(560, Math.round(0.55 * innerHeight)));
async function bytesOf(text) {
  const packed = new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]);
  return new Uint8Array(await new Response(packed.stream().pipeThrough(new DecompressionStream('deflate'))).arrayBuffer());
}

// A scene under a hand comes without a background and lies over the one that stands.
async function picture(now) {
  const scene = unpack(await bytesOf(now.scene));
  if (!scene.background) {
    if (S?.scene) adopt(S, { ...S.scene, layers: scene.layers, handles: scene.handles, steps: scene.steps, alt: scene.alt, chips: scene.chips });
    return;
  }
  const Plotly = await loadPlotly(new URL(plotly, document.baseURI).href);
  const background = await backgroundOf(scene.background);
  if (!background) return;
  S ??= begin();
  title.textContent = scene.title;
  roam.href = new URL(`../${scene.roam}${scene.roam.includes('?') ? '&' : '?'}hall=${code}`, document.baseURI);
  roam.hidden = false;
  const asked = { key: 'hall', height: heightOfStage(), large: false, fill: false, live: null, echo: null, step: null, focus: null, download: null };
  await show(S, Plotly, background, { ...scene, ...asked, guess: isHidden(now) ? 'hall' : null });
}

function begin() {
  const made = (root.gdStage = create(root, heightOfStage()));
  made.follows = true; // its handles are the lecturer's
  made.ask.moved = () => {}; // the hall says when a question is over
  return made;
}

// --- what is asked ----------------------------------------------------------------------------------------------------------

const guessKept = (round) => {
  const kept = JSON.parse(sessionStorage.getItem(KEPT_GUESS) ?? 'null');
  return kept?.round === round ? kept.at : null;
};

const isHidden = ({ phase, hidden, told }) => phase === 'asking' || Boolean(hidden && !told);

// Hide the run or show it, unless that is done.
function hide(on) {
  S.guessed = on ? 'hall' : null;
  if (Boolean(S.guessing) !== on) guess(S, on);
  hideAround(false); // there is nothing around this stage
}

function pose({ round, question }) {
  S.round = round;
  hide(true);
  S.ask.pose({ ...question, answers: [] }, `hall ${code} ${round}`);
  const before = guessKept(round);
  if (before) S.ask.put(before);
}

const LOST = (answer) => !answer || [424, 429].includes(answer.status) || answer.status >= 500; // not heard, but not refused

// Send the latest guess, until it is heard.
async function sendGuess(round) {
  const at = guessKept(round);
  const answer = await fetch(here('guess'), { method: 'POST', body: JSON.stringify({ round, guess: at }) }).catch(() => null);
  const { words } = (await answer?.json().catch(() => null)) ?? {};
  if (answer?.ok) sayHall('Your guess is in. You can change it until the reveal.');
  else sayHall(words ?? 'Your guess was not heard. It is sent again …');
  if (LOST(answer)) setTimeout(() => state.round === round && state.phase === 'asking' && sendGuess(round), AGAIN);
}

function onGuess({ detail: { at } }) {
  const { round, phase } = state;
  if (phase !== 'asking') return;
  sessionStorage.setItem(KEPT_GUESS, JSON.stringify({ round, at }));
  sendGuess(round);
}

function reveal({ question, told }) {
  if (S.ask.questions.length) S.ask.questions = [{ ...question, answers: told.answers, told: told.text }];
  asked.textContent = told.words;
}

// --- states -----------------------------------------------------------------------------------------------------------------

function follow(now) {
  const { phase, round, told, step, speed } = now;
  const hidden = isHidden(now);
  document.body.classList.toggle('asking', hidden);
  if (phase === 'asking' && S.round !== round) pose(now);
  else if (hidden) hide(true);
  if (phase !== 'revealed') asked.textContent = '';
  if (told) reveal(now);
  if (!hidden) hide(false);
  if (phase === 'open') S.ask.end();
  if (!hidden && step !== null) playFrom(S, step, speed);
  if (phase !== 'asking') sayHall(now.sorry || 'Following the hall.');
  else if (!guessKept(round)) sayHall('Your turn: place your guess.');
}

async function takeState(now) {
  if (now.closed) return closed();
  if (now.trouble) {
    lost = true;
    return sayHall(now.trouble);
  }
  if (now.scene) await picture(now);
  state = now;
  if (lost && now.phase === 'asking' && guessKept(now.round)) setTimeout(sendGuess, AGAIN * Math.random(), now.round);
  lost = false;
  if (S?.scene) follow(now);
  else sayHall(now.page ? 'The lecturer moves something …' : 'The lecturer has not shown anything yet.');
}

function closed() {
  stream.close();
  stream = null;
  sayHall('The hall is closed. You can go on by yourself.');
}

let stream;
let waiting = []; // states that came while a picture was drawn
function listenToHall() {
  stream = new EventSource(here('stream'));
  stream.onmessage = ({ data }) => {
    const now = JSON.parse(data);
    // A state without a picture must not overtake the one that has it.
    waiting = now.scene || now.closed ? [now] : [...waiting.filter((one) => one.scene), now];
    shown = shown.catch(() => {}).then(async () => {
      const next = waiting.shift();
      if (next) await takeState(next);
    });
  };
  stream.onerror = async () => {
    sayHall('No connection. It is tried again …');
    if (stream.readyState !== EventSource.CLOSED) return; // the browser tries again
    const answer = await fetch(here('now')).catch(() => null);
    if (answer?.status === 404) closed();
    else setTimeout(listenToHall, AGAIN + AGAIN * Math.random());
  };
}

document.addEventListener('gdviz-guess', onGuess);
listenToHall();
