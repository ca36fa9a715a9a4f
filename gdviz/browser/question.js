// A question about a run, and a guess: gdviz/catalogue/question.py says the same of both.

// Where a place lies between the bounds of a question, from 0 to 1 in each coordinate.
const shares = ({ low, high, logs }, at) => at.map((v, i) => (logs[i] ? Math.log(v / low[i]) / Math.log(high[i] / low[i]) : (v - low[i]) / (high[i] - low[i])));

const between = (question, a, b) => {
  const [here, there] = [shares(question, a), shares(question, b)];
  return Math.hypot(...here.map((share, i) => share - there[i]));
};

// The answer that is nearest to a guess.
export function nearestAnswer(question, at) {
  const { kind, answers } = question;
  if (kind === 'choice') return answers.find(([i]) => i === at[0]) ?? answers[0];
  return answers.reduce((best, one) => (between(question, at, one) < between(question, at, best) ? one : best));
}

// How far a guess is from the nearest answer, in parts of the range, 0 to 1; a wrong choice is 1 off.
export function distanceOf(question, at) {
  const answer = nearestAnswer(question, at);
  return question.kind === 'choice' ? Number(answer[0] !== at[0]) : Math.min(1, between(question, at, answer));
}

// 100 for the answer, falling to 0 at a quarter of the range from it.
export const scoreOf = (question, at) => Math.round(100 * Math.max(0, 1 - 4 * distanceOf(question, at)));

// A guess from what was typed or where a hand is: null unless it is within the bounds.
export function guessIn({ low, high }, values) {
  return values.length === low.length && values.every((v, i) => v >= low[i] && v <= high[i]) ? values : null;
}

// What the page has answered so far: each question once, whatever is asked again. It is forgotten with the page.
const scores = new Map();

// Keep a score under a key that has none; return how many there are, and their mean.
export function keep(key, score) {
  if (!scores.has(key)) scores.set(key, score);
  const all = [...scores.values()];
  return { count: all.length, mean: all.reduce((sum, one) => sum + one, 0) / all.length };
}
