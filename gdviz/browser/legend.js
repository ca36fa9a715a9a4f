// The legend of a film or a saved picture: words in their colours, in as many rows as they need.

// Draw entries [words, color] with pen `g`, or without one only measure them; return the height of the last row.
export function drawLegend(g, entries, style, width, y) {
  const em = style.font;
  const font = `${em}px ${style.family}`;
  const ruler = Object.assign(document.createElement('canvas').getContext('2d'), { font });
  if (g) Object.assign(g, { font, textAlign: 'left', textBaseline: 'middle' });
  let x = em;
  for (const [words, color] of entries) {
    const wide = ruler.measureText(words).width;
    if (x + wide > width - em && x > em) [x, y] = [em, y + 1.6 * em];
    if (g) Object.assign(g, { fillStyle: color }).fillText(words, x, y);
    x += wide + 1.5 * em;
  }
  return y;
}
