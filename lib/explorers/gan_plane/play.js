/* The run: who moves, what is measured when, and the record from which it can be repeated.
 *
 * The record is a list of [what, how often] for "both", "D" and "G", and of ["set", name, value]. With the seed, the law and the
 * settings with which it `began`, it gives the same weights again, bit for bit.
 */

import { begin, round, stepD, stepG } from "./game.js";
import { measure, task } from "./measuring.js";

/* Play rests after so many rounds, and is measured whenever the number of rounds is a multiple of EVERY. */
export const ROUNDS = 1000;
const EVERY = 16;
const MOST_AT_ONCE = 24;
export const KEPT = 250;
export const SETTINGS = ["loss", "inner", "rate_d", "rate_g", "penalty", "noise"];

export function arena(page, state) {
  const self = { game: null, task: null, now: null, history: [], marks: [], record: [], alone: null };
  const settings = () => Object.fromEntries(SETTINGS.map((name) => [name, state[name]]));
  let [run, left, rounds, known] = [0, 0, 0, ""];
  const look = () => {
    const now = measure(self.game, self.task);
    self.now = now;
    self.history.push(now);
    if (self.history.length > KEPT) self.history.shift();
    const { alone } = self;
    if (alone.steps > 0) alone.least = Math.min(alone.least, now.js);
    else self.alone = { steps: 0, least: now.js, proved: now.certificate };
  };
  const write = (what, count) => {
    const last = self.record[self.record.length - 1];
    if (last?.[0] === what) last[1] += count;
    else self.record.push([what, count]);
  };
  const moved = (what) => {
    write(what, 1);
    if (what === "G") self.alone.steps += 1;
    else self.alone.steps = 0;
    if (what === "both") rounds += 1;
  };
  const move = {
    both: () => round(self.game, self.task.law, settings()),
    D: () => stepD(self.game, self.task.law, settings()),
    G: () => stepG(self.game, settings()),
  };
  self.isPlaying = () => left > 0;
  self.stop = () => { [left, run] = [0, run + 1]; };
  /* From the first weights of this seed; the law is prepared once. */
  self.begin = () => {
    self.stop();
    const key = JSON.stringify([state.data, state.data === "drawn" ? state.centres : 0]);
    if (key !== known) [self.task, known] = [task(state.data, state.centres), key];
    rounds = 0;
    Object.assign(self, { game: begin(state.seed), history: [], marks: [], record: [], began: settings(), alone: { steps: 0 } });
    look();
  };
  /* A setting: the players keep their weights, and the strip gets a mark. */
  self.set = (name, value) => {
    if (state[name] === value) return;
    state[name] = value;
    const { stepsD, stepsG } = self.game;
    if (stepsD + stepsG === 0) {
      self.began = settings();
      return;
    }
    const last = self.record[self.record.length - 1];
    if (last[0] === "set" && last[1] === name) last[2] = value;
    else {
      self.record.push(["set", name, value]);
      self.marks.push(stepsD + stepsG);
    }
  };
  self.step = (what, count) => {
    self.stop();
    for (let k = 0; k < count; k += 1) {
      move[what]();
      moved(what);
    }
    look();
  };
  const frame = (mine) => {
    if (mine !== run || left <= 0 || page.signal.aborted) return;
    page.change(() => {
      const start = performance.now();
      /* A slow machine makes fewer rounds a frame; what is measured, and when, is the same. */
      for (let k = 0; k < state.speed && left > 0 && performance.now() - start < MOST_AT_ONCE; k += 1) {
        move.both();
        moved("both");
        left -= 1;
        if (rounds % EVERY === 0 || left === 0) look();
      }
    });
    requestAnimationFrame(() => frame(mine));
  };
  self.play = () => {
    if (left > 0) {
      self.stop();
      look();
    } else if (page.isCalm()) self.step("both", state.speed);
    else {
      [left, run] = [ROUNDS, run + 1];
      const mine = run;
      requestAnimationFrame(() => frame(mine));
    }
  };
  return self;
}
