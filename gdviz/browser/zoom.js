// Whether a hand has zoomed the picture, and back to the axes that Python gave it.
//
// Plotly remembers the first axes of all, which are wrong once Python has drawn others.

const AXIS = /^[xy]axis\d*$/;

// Take note of what a hand does to the axes.
export function noteZoom(S, changes = {}) {
  if (Object.keys(changes).some((name) => name.includes('.range'))) S.zoomed = true;
}

export async function unzoom(S) {
  const back = Object.keys(S.gd._fullLayout).filter((name) => AXIS.test(name)).map((name) => {
    const range = S.layout[name]?.range;
    return range ? [`${name}.range`, [...range]] : [`${name}.autorange`, true];
  });
  await S.Plotly.relayout(S.gd, Object.fromEntries(back));
  S.zoomed = false;
}
