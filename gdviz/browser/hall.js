// The lecturer's side of a hall: the phones are told what the stage shows, and a bar asks, counts and reveals.
//
// What opens it is kept by this tab alone and lost with it. Of what changes while a message is under way only the newest
// is told.

import { barsOf, drawCrowd } from './crowd.js';
import { guess } from './guess.js';
import { CSS_OF_HALL, PARTS_OF_HALL } from './hall_style.js';
import { refresh } from './player.js';
import { styleOf } from './stage.js';
import { download } from './svg.js';

const KEPT = 'gdviz-hall';
const GAP = 80; // ms between two messages: twelve pictures a second
const UNREACHED = 424; // the store of the halls does not answer
const OFTEN = 1000; // ms between two counts

let H; // the hall of this tab

const rest = (ms) => new Promise((done) => { setTimeout(done, ms); });
const here = (path) => new URL(path, document.baseURI);
const stageNow = () => [...document.querySelectorAll('.gd-stage')].map((node) => node.parentElement.gdStage).find((S) => S?.scene);

// --- the line to the server: one message after another ----------------------------------------------------------------------

async function fetchHall(name, body) {
  const about = { headers: { 'X-Hall-Secret': H.secret } };
  if (body) Object.assign(about, { method: 'POST', body: JSON.stringify(body) });
  const answer = await fetch(here(`${H.path}/${name}`), about).catch(() => null);
  H.lost = !answer || answer.status === UNREACHED || answer.status >= 500;
  if (answer?.ok) return answer;
  const { words } = (await answer?.json().catch(() => null)) ?? {};
  if (answer?.status === 404) leave(words);
  else say(words ?? 'No connection to the hall. It is tried again.');
  return null;
}

const tellHall = (name, body) => (H.line = H.line.then(() => (H.gone ? null : fetchHall(name, body))));

function changed(part) {
  Object.assign(H.now, part);
  if (H.now.page) flush();
}

async function flush() {
  H.newer = true;
  if (H.flushing) return;
  H.flushing = true;
  while (H.newer && !H.gone) {
    H.newer = false;
    await tellHall('steer', H.now);
    if (H.lost) H.newer = true; // it is told when the hall is back
    await rest(H.lost ? OFTEN : GAP);
  }
  H.flushing = false;
}

// --- what the stage shows ---------------------------------------------------------------------------------------------------

function onSettings({ detail: { path, query, held } }) {
  const page = path.replace('live/', '');
  if (page !== H.now.page || query !== H.now.query) forgetCrowd();
  const S = stageNow();
  changed({ page, query, held, ...(held || !S ? {} : { step: Math.round(S.k), hidden: Boolean(S.guessing) }) });
  dressBar();
}

// A run that plays is told when it begins, and when it jumps; the phones play it themselves.
function onStep({ detail: { key, step, speed } }) {
  if (key !== stageNow()?.scene.key) return;
  const goesOn = speed && speed === H.now.speed && step >= H.at;
  H.at = step;
  if (!goesOn) changed({ step, speed });
}

function onHidden({ detail: hidden }) {
  changed({ hidden });
  if (!hidden && H.phase === 'asking') reveal();
  if (!hidden) H.asking = false;
  drawBar();
}

function onQuestion({ detail: { question } }) {
  if (!H.asking) return;
  if (question) askHall(question);
  else say('This run has no question whose answer is in view.');
}

// --- asking and revealing ---------------------------------------------------------------------------------------------------

function begin() {
  const S = stageNow();
  if (!S) return;
  forgetCrowd();
  H.asking = true;
  if (S.guessing && S.ask.question) askHall(S.ask.question);
  else guess(S, true);
  refresh(S);
}

// The settings that a question is about are told before it.
async function askHall({ id }) {
  while (H.newer || H.flushing) await rest(GAP);
  const answer = await tellHall('ask', { question: id });
  if (answer) Object.assign(H, { phase: 'asking', answered: 0, results: null });
  if (answer) say('');
  drawBar();
}

async function reveal() {
  H.phase = 'revealed';
  const answer = await tellHall('reveal', {});
  if (!answer) {
    H.phase = 'asking'; // it can be pressed again
    return;
  }
  H.results = await answer.json();
  H.phase = H.results.phase;
  const S = stageNow();
  S.ask.crowd = (g, inFile) => drawCrowd(g, S, H.results, inFile);
  refresh(S);
  say(H.results.told.words);
  H.part('bars').replaceChildren(barsOf(H.results));
  drawBar();
}

function forgetCrowd() {
  const S = stageNow();
  if (S?.ask) S.ask.crowd = undefined;
  Object.assign(H, { results: null, phase: H.phase === 'revealed' ? 'open' : H.phase });
  H.part('bars').replaceChildren();
  drawBar();
}

async function saveTable() {
  const answer = await tellHall('results.csv');
  if (!answer) return;
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(await answer.blob()), download: 'gdviz_hall.csv' });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

const saveFigure = () => download(stageNow(), { format: 'svg', name: 'gdviz_hall', stamp: '' });

// --- the bar ----------------------------------------------------------------------------------------------------------------

const say = (words) => { H.part('said').textContent = words ?? ''; };

function drawBar() {
  const asking = H.phase === 'asking';
  H.part('phones').textContent = H.phones === 1 ? '1 phone' : `${H.phones} phones`;
  H.part('count').textContent = asking ? `${H.answered} of ${H.phones} ${H.answered === 1 ? 'has' : 'have'} answered` : '';
  for (const [name, shown] of Object.entries({ ask: !asking, reveal: asking, table: H.results, figure: H.results })) H.part(name).hidden = !shown;
}

// The bar has the colours of the page, which the visitor may change.
function dressBar() {
  const S = stageNow();
  if (!S) return;
  const { ink, paper, family } = styleOf(S.root, false);
  Object.assign(H.node.style, { color: ink, background: paper, fontFamily: family });
}

// A page that was loaded anew while a question is open shows its run no longer than it must.
function hideAgain() {
  const S = stageNow();
  if (!H.fresh || !S) return;
  H.fresh = false;
  if (H.phase !== 'asking' || S.guessing) return;
  guess(S, true);
  refresh(S);
}

async function count() {
  while (!H.gone) {
    const answer = await tellHall('results');
    const found = await answer?.json().catch(() => null);
    if (found) Object.assign(H, { phones: found.phones, answered: found.answered, phase: found.phase });
    if (found) drawBar();
    hideAgain();
    await rest(OFTEN);
  }
}

// What is hidden is shown, and that reveals; what is shown already was not heard.
function pressReveal() {
  const S = stageNow();
  if (S?.guessing) S.ask.actions.reveal();
  else reveal();
}

const ACTIONS_OF_HALL = {
  ask: begin, reveal: pressReveal, table: saveTable, figure: saveFigure,
  code: () => H.part('dialog').showModal(), enough: () => H.part('dialog').close(),
  close: async () => { await tellHall('close', {}); leave(); },
};
const HEARD = { 'gdviz-settings': onSettings, 'gdviz-step': onStep, 'gdviz-hidden': onHidden, 'gdviz-question': onQuestion };

// A menu that is open would take the key, and leave the dialog.
const onEscape = ({ key }) => { if (key === 'Escape') H.part('dialog').close(); };

function build() {
  H.node = Object.assign(document.createElement('section'), { className: 'gd-hall', ariaLabel: 'The hall', innerHTML: PARTS_OF_HALL });
  H.part = (name) => H.node.querySelector(`.gd-hall-${name}`);
  const css = Object.assign(document.createElement('style'), { textContent: CSS_OF_HALL });
  H.node.append(css);
  document.body.append(H.node);
  for (const name of ['code', 'big']) H.part(name).textContent = H.code;
  H.part('link').textContent = H.link;
  H.part('qr').src = H.qr;
  H.part('unseen').textContent = H.unseen;
  H.node.addEventListener('click', ({ target }) => ACTIONS_OF_HALL[target.closest('button')?.dataset.do]?.());
  for (const [name, hear] of Object.entries(HEARD)) document.addEventListener(name, hear);
  addEventListener('keydown', onEscape, true);
}

function leave(words) {
  H.gone = true;
  sessionStorage.removeItem(KEPT);
  for (const [name, hear] of Object.entries(HEARD)) document.removeEventListener(name, hear);
  removeEventListener('keydown', onEscape, true);
  const S = stageNow();
  if (S?.ask) S.ask.crowd = undefined;
  if (words) say(words);
  setTimeout(() => H.node.remove(), words ? 4000 : 0);
}

async function open() {
  const body = JSON.stringify({ base: String(here('.')) });
  const answer = await fetch(here('hall'), { method: 'POST', body }).catch(() => null);
  const said = await answer?.json().catch(() => null);
  if (answer?.ok) sessionStorage.setItem(KEPT, JSON.stringify(said));
  return answer?.ok ? said : { words: said?.words ?? 'The server does not answer. Please try again.' };
}

let opening = false;

// Open a hall, or go on with the one that this tab has.
export async function hold() {
  if (opening || (H && !H.gone)) return;
  opening = true;
  const kept = sessionStorage.getItem(KEPT);
  const found = kept ? JSON.parse(kept) : await open();
  opening = false;
  H = { ...found, path: `hall/${found.code?.replace('-', '')}`, line: Promise.resolve(), now: {}, phones: 0, answered: 0, phase: 'open', at: 0, fresh: Boolean(kept) };
  build();
  if (found.words) { leave(found.words); return; }
  dressBar();
  drawBar();
  const S = stageNow();
  if (S?.scene.live) onSettings({ detail: { ...S.scene.live, held: false } });
  if (!kept) H.part('dialog').showModal();
  count();
}
