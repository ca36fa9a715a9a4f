// Marks of a point, lines and arrow heads, drawn with a canvas context or the SVG recorder.

export function mark(g, symbol, x, y, r) {
  g.beginPath();
  if (symbol === 'square') g.rect(x - r * 0.9, y - r * 0.9, 1.8 * r, 1.8 * r);
  else if (symbol === 'diamond') corners(g, x, y, r * 1.25, 4, 0);
  else if (symbol === 'triangle') corners(g, x, y, r * 1.25, 3, -Math.PI / 2);
  else if (symbol === 'cross') {
    g.moveTo(x - r, y - r); g.lineTo(x + r, y + r); g.moveTo(x + r, y - r); g.lineTo(x - r, y + r);
  } else g.arc(x, y, r, 0, 2 * Math.PI);
  if (symbol === 'cross' || symbol === 'open') g.stroke(); else g.fill();
}

function corners(g, x, y, r, n, turn) {
  for (let i = 0; i < n; i++) {
    const a = turn + (2 * Math.PI * i) / n;
    if (i) g.lineTo(x + r * Math.cos(a), y + r * Math.sin(a)); else g.moveTo(x + r * Math.cos(a), y + r * Math.sin(a));
  }
  g.closePath();
}

export function line(g, [ax, ay, bx, by]) {
  g.beginPath();
  g.moveTo(ax, ay);
  g.lineTo(bx, by);
  g.stroke();
}

export function arrowhead(g, [ax, ay, bx, by], size) {
  if (Math.hypot(bx - ax, by - ay) < 1e-6) return;
  const turn = Math.atan2(by - ay, bx - ax);
  g.beginPath();
  corners(g, bx - size * 0.5 * Math.cos(turn), by - size * 0.5 * Math.sin(turn), size, 3, turn);
  g.fill();
}
