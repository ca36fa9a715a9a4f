// The page's question about a run that is hidden: fetched when somebody begins to guess, answered by hand on the stage, in
// fields or by buttons, and told with a score when the run has been seen.

import { asked, drawGuess, guessHandle } from './guess_mark.js';
import { wait } from './line.js';
import { number } from './numerals.js';
import { distanceOf, guessIn, keep, scoreOf } from './question.js';

const PARTS = `<p class="gd-question" aria-live="polite"></p><div class="gd-answer" role="group" aria-label="Your guess"></div>
  <button class="gd-next">Next question</button><button class="gd-reveal"></button>
  <div class="gd-result" role="status"></div><button class="gd-close">Close</button>`;
const HIDDEN = 'Hidden: guess first, then press Space'; // without a question
const HINT = 'Click the picture, drag the mark, or type:';
const RANGES = { point: 'of the window', x: 'of the axis', y: 'of the axis' };

const tellPage = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail })); // a hall listens
const made = (tag, properties) => Object.assign(document.createElement(tag), properties);
const address = ({ live }) => (live?.question ? `${live.question}?${live.query}` : '');
const short = (v) => String(Number(v.toPrecision(4)));

// The name of an axis, as it stands beside it.
function axisName({ layout }, letter, index) {
  const axis = layout[`${letter}axis${index ? index + 1 : ''}`] ?? layout[`${letter}axis`];
  return (axis?.title?.text ?? '').replace(/<[^>]*>/g, '') || letter;
}

// The questions at an address, and why there is none.
async function fetched(from) {
  const answer = await fetch(new URL(from, document.baseURI)).catch(() => null);
  const found = answer?.ok ? await answer.json().catch(() => null) : null;
  if (found) return [found, found.length ? '' : 'This run leaves nothing to be asked: guess in your own words.'];
  return [[], answer?.status === 422 ? await answer.text() : 'The question could not be fetched.'];
}

export class Ask {
  // `actions` are the player's: `refresh` draws anew, `reveal` plays what is hidden.
  constructor(S, actions) {
    Object.assign(this, { S, actions, handles: null });
    this.node = made('section', { className: 'gd-ask', hidden: true, ariaLabel: 'Predict, then reveal', innerHTML: PARTS });
    S.chips.after(this.node);
    this.forget('');
    this.part('reveal').addEventListener('click', () => this.leave(actions.reveal));
    this.part('next').addEventListener('click', () => this.turnTo(this.at + 1));
    this.part('close').addEventListener('click', () => this.leave(() => { this.end(); actions.refresh(); }));
  }

  part = (name) => this.node.querySelector(`.gd-${name}`);

  get question() { return this.questions[this.at]; }

  forget(from) {
    Object.assign(this, { from, questions: [], guesses: new Map(), at: 0, told: false, handles: null });
    for (const name of ['question', 'answer', 'result']) this.part(name).replaceChildren();
    for (const name of ['next', 'close']) this.part(name).hidden = true;
    this.part('reveal').textContent = HIDDEN;
  }

  // The run has been hidden: ask.
  begin() {
    this.node.hidden = this.part('reveal').hidden = false;
    this.load(address(this.S.scene));
  }

  async load(from) {
    this.forget(from);
    if (!from) return;
    const done = wait();
    const [questions, why] = await fetched(from);
    done();
    if (this.from !== from || !this.S.guessing || !this.S.root.isConnected) return;
    this.questions = questions;
    this.turnTo(0);
    if (why) this.part('question').textContent = why;
  }

  // Ask what a hall asks; its answer is not known here before the hall tells it.
  pose(question, from) {
    this.forget(from);
    this.node.hidden = false;
    this.questions = [question];
    this.turnTo(0);
  }

  turnTo(at) {
    const { questions } = this;
    this.at = questions.length ? at % questions.length : 0;
    const { question } = this;
    this.part('next').hidden = questions.length < 2;
    this.part('question').textContent = question ? `${questions.length > 1 ? `${this.at + 1} of ${questions.length}: ` : ''}${question.text}` : '';
    this.part('answer').replaceChildren(...(question ? this.fields() : []));
    if (question) this.part('reveal').innerHTML = 'Reveal <kbd>Space</kbd>';
    this.show();
    tellPage('gdviz-question', { question });
  }

  // What answers the question without the stage: a button for each choice, or a number for each coordinate.
  fields() {
    const { question } = this;
    if (question.kind === 'choice') {
      return question.choices.map((words, i) => {
        const choice = made('button', { className: 'gd-choice', textContent: words });
        choice.addEventListener('click', () => this.put([i]));
        return choice;
      });
    }
    const letters = question.kind === 'point' ? ['x', 'y'] : [question.kind];
    return [made('span', { textContent: HINT }), ...letters.map((letter, i) => {
      const label = made('label', { textContent: `${axisName(this.S, letter, question.panel)} ` });
      const field = made('input', { type: 'number', step: 'any', min: question.low[i], max: question.high[i], required: true });
      field.addEventListener('change', () => this.read(field));
      label.append(field);
      return label;
    })];
  }

  // A guess is read once every field has a number; the browser says what is wrong with one.
  read(field) {
    const values = [...this.part('answer').querySelectorAll('input')].map((one) => one.valueAsNumber);
    if (!field.reportValidity() || values.some(Number.isNaN)) return;
    this.put(values);
  }

  put(values) {
    const found = this.question.kind === 'choice' ? values : guessIn(this.question, values);
    if (found) this.guesses.set(this.question.id, found);
    this.show();
    if (found) tellPage('gdviz-guess', { id: this.question.id, at: found });
  }

  // Let the hand place a guess on the stage: beyond the axes it is at their end.
  drop(point) {
    const { low, high } = this.question;
    this.S.held = undefined;
    this.put(asked(this.question, point).map((v, i) => Math.max(low[i], Math.min(high[i], v))));
  }

  // Show the guess of the question that is asked, in its fields and on the stage.
  show() {
    const { S, question } = this;
    const at = question && this.guesses.get(question.id);
    this.handles = question && question.kind !== 'choice' && S.guessing ? [guessHandle(S, question, at, (point) => this.drop(point))] : null;
    this.part('answer').querySelectorAll('.gd-choice').forEach((choice, i) => choice.setAttribute('aria-pressed', at?.[0] === i));
    if (at) this.part('answer').querySelectorAll('input').forEach((field, i) => { field.value = short(at[i]); });
    this.actions.refresh();
  }

  // The settings have changed: another question, and what was told of the last run is over.
  moved() {
    const from = address(this.S.scene);
    if (this.node.hidden || from === this.from) return;
    if (this.S.guessing) this.load(from);
    else this.end();
  }

  // The run is shown: the answer is told once it has been played to its end.
  reveal() {
    if (this.S.held?.handle.put) this.S.held = undefined;
    this.handles = null;
    this.part('answer').replaceChildren();
    this.part('reveal').hidden = this.part('next').hidden = true;
    if (!this.questions.length) this.end();
  }

  end() {
    this.forget('');
    this.node.hidden = true;
  }

  // Do what hides the button that has the focus; then the player has it.
  leave(act) {
    const focused = this.node.contains(this.node.getRootNode().activeElement);
    act();
    if (focused && this.node.hidden) this.S.bar.querySelector('[data-do="play"]').focus();
  }

  // What is drawn over the picture; at the end of a run that was guessed, its answer is told.
  paint(g) {
    const { S } = this;
    const over = !S.playing || S.k > S.scene.steps - 1;
    if (this.question && !S.guessing && !this.told && over) this.tell();
    const held = S.held?.handle.put && asked(this.question, S.held.point);
    for (const question of S.guessing ? this.questions.slice(this.at, this.at + 1) : this.questions) {
      drawGuess(g, S, question, held || this.guesses.get(question.id), this.told);
    }
    this.crowd?.(g);
  }

  tell() {
    this.told = true;
    const guessed = this.questions.filter(({ id }) => this.guesses.has(id));
    const lines = (guessed.length ? guessed : [this.question]).map((question) => this.said(question));
    let all;
    for (const question of guessed) all = keep(`${this.from} ${question.id}`, scoreOf(question, this.guesses.get(question.id)));
    if (all) lines.push(`${all.count} answered so far, ${Math.round(all.mean)} of 100 on average.`);
    this.part('question').textContent = '';
    this.part('result').replaceChildren(...lines.map((textContent) => made('p', { textContent })));
    this.part('close').hidden = false;
  }

  said(question) {
    const at = this.guesses.get(question.id);
    const answer = `${question.text} ${question.told}`;
    if (!at) return answer;
    const [off, score] = [distanceOf(question, at), scoreOf(question, at)];
    if (question.kind === 'choice') return `${answer} Your guess, “${question.choices[at[0]]}”, is ${off ? 'wrong' : 'right'}: ${score} of 100.`;
    return `${answer} Your guess, ${at.map((v) => number(v)).join(', ')}, is off by ${number(100 * off, 2)} % ${RANGES[question.kind]}: ${score} of 100.`;
  }
}
