/* What runs by itself: the order that slides to and fro, and the training of the network. */

import { FIRST, LAST } from "./laws.js";
import { STEPS } from "./training.js";

/* Orders a second, and steps of training a frame. */
const PACE = 0.7;
const STEPS_A_FRAME = 60;
const CALM_STEP = 0.25;

/* Once to the highest order, to the lowest, and back to where it began. */
function places(from) {
  const [up, down] = [LAST - from, LAST - FIRST];
  const length = 2 * down;
  return (way) => {
    if (way >= length) return from;
    if (way <= up) return from + way;
    return way <= up + down ? LAST - (way - up) : FIRST + (way - up - down);
  };
}

/* Play slides; where motion is not welcome, it goes on by one step. */
export function slides(page, state) {
  let run = 0;
  return () => {
    run += 1;
    const mine = run;
    if (page.isCalm()) {
      page.change(() => { state.order = state.order + CALM_STEP > LAST + 1e-9 ? FIRST : Number((state.order + CALM_STEP).toFixed(3)); });
      return;
    }
    page.change(() => { state.playing = !state.playing; });
    const [begun, placeAt, all] = [performance.now(), places(state.order), 2 * (LAST - FIRST)];
    const frame = (now) => {
      if (mine !== run || !state.playing || page.signal.aborted) return;
      const way = Math.max(0, (PACE * (now - begun)) / 1000);
      page.change(() => Object.assign(state, { order: Number(placeAt(way).toFixed(3)), playing: way < all }));
      requestAnimationFrame(frame);
    };
    if (state.playing) requestAnimationFrame(frame);
  };
}

/* Train runs to the last step, or on from 0 where it is there already; where motion is not welcome, it is there at once. */
export function trains(page, state) {
  let run = 0;
  return () => {
    run += 1;
    const mine = run;
    const from = state.steps < STEPS ? state.steps : 0;
    if (page.isCalm()) {
      page.change(() => { state.steps = STEPS; });
      return;
    }
    page.change(() => Object.assign(state, { training: !state.training, steps: state.training ? state.steps : from }));
    const frame = () => {
      if (mine !== run || !state.training || page.signal.aborted) return;
      page.change(() => {
        state.steps = Math.min(STEPS, state.steps + STEPS_A_FRAME);
        state.training = state.steps < STEPS;
      });
      requestAnimationFrame(frame);
    };
    if (state.training) requestAnimationFrame(frame);
  };
}
