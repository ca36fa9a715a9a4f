// The stage in a file of its own: it needs no server, and the page around its frame may play it.

import { listenToFrame, passTurns } from './framed.js';
import { unpack } from './messages.js';
import { obey } from './player.js';
import { create, show } from './stage.js';

// Return the state of a stage whose scene is `packed` in base64.
export async function standAlone(root, Plotly, background, packed) {
  const framed = window.parent !== window;
  const scene = { ...unpack(Uint8Array.from(atob(packed), (c) => c.charCodeAt(0))), framed };
  document.documentElement.classList.toggle('framed', framed);
  const S = (root.gdStage = create(root, scene.height));
  await show(S, Plotly, background, scene);
  listenToFrame((said) => obey(S, said));
  passTurns();
  return S;
}
