/* The run of an experiment: beginning, training frame by frame, and what changes on the way. */

import { cloudOf, SIDES } from "./clouds.js";
import { climb, clip, KINDS, newCritic, renew } from "./training.js";

const STEPS = 600;
const STEPS_A_FRAME = 8;
/* Milliseconds of computing before the page gets a turn. */
const MOST_AT_ONCE = 24;

export function laboratory(page, state, first) {
  const lab = { critics: {} };
  /* All critics from the start of this seed. */
  lab.begin = (wanted) => {
    Object.assign(state, wanted, { left: 0 });
    page.busy(false);
    for (const kind of KINDS) lab.critics[kind] = newCritic(kind, state);
  };
  lab.reset = () => lab.begin({
    ...first, real: [...first.real], generated: [...first.generated],
    /* Clipped critics are so flat that nothing could be seen of them; of the others the slope itself is of interest. */
    scaled: { affine: true, clipped: true, penalty: false, spectral: false },
  });
  /* The clouds, c or λ have moved: the critics keep their weights and go on from there, within the box. */
  lab.moved = (how) => {
    how();
    for (const critic of Object.values(lab.critics)) {
      if (critic.constraint === "clip") clip(critic.layers, state.clip_bound);
      renew(critic);
    }
  };
  /* Another activation is another network and begins anew. */
  lab.chosen = (key, value) => lab.moved(() => {
    state[key] = value;
    if (key === "activation") lab.critics.spectral = newCritic("spectral", state);
  });
  lab.climb = (steps) => {
    const [real, generated] = SIDES.map((side) => cloudOf(state[side]));
    for (let k = 0; k < steps; k += 1) for (const critic of Object.values(lab.critics)) climb(critic, real, generated, state);
  };
  let run = 0;
  const frame = (mine) => {
    if (mine !== run || state.left <= 0 || page.signal.aborted) return;
    page.change(() => {
      const start = performance.now();
      /* A slow machine takes fewer steps a frame and more frames. */
      for (let k = 0; k < STEPS_A_FRAME && state.left > 0 && performance.now() - start < MOST_AT_ONCE; k += 1) {
        state.left -= 1;
        lab.climb(1);
      }
    });
    requestAnimationFrame(() => frame(mine));
  };
  /* Where motion is not welcome only the end is drawn, and the page stays awake while it is computed. */
  const unseen = (mine) => {
    if (mine !== run || page.signal.aborted) return;
    const start = performance.now();
    for (; state.left > 0 && performance.now() - start < MOST_AT_ONCE; state.left -= 1) lab.climb(1);
    if (state.left > 0) setTimeout(() => unseen(mine));
    else page.change(() => page.busy(false));
  };
  lab.train = () => {
    run += 1;
    page.busy(state.left === 0 && page.isCalm());
    if (state.left > 0) {
      page.change(() => { state.left = 0; });
      return;
    }
    state.left = STEPS;
    const mine = run;
    if (page.isCalm()) setTimeout(() => unseen(mine));
    else requestAnimationFrame(() => frame(mine));
  };
  return lab;
}
