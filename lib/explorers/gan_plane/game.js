/* The game of two small networks in the plane, step by step and with all its dice: the same seed and the same steps under
 * the same settings give the same weights, in every browser.
 *
 *   D climbs     V = mean log sg(T(x)) + mean log sg(−T(G(z)))   [− (γ/2) mean ‖∇T(x)‖²]
 *   G descends   its own term of V, or −mean log sg(T(G(z))), or, beside the hinge for D, −mean T(G(z))
 *
 * Everything that D sees may be blurred by noise of width s. Each player has an Adam of its own, which rests when it rests.
 */

import { dice } from "../kit/dice.js";
import { arrays, backward, forward, network } from "../kit/networks.js";
import { sigmoid, softplus } from "../kit/numbers.js";
import { optimiser } from "../kit/optimisers.js";
import { sample } from "./laws.js";

export const BATCH = 64;
const WIDTH = 24;
const BETAS = [0.5, 0.999];

/* What D gains by the score of one real and of one fake point, their slopes, and the slope of G's loss by a fake's score. */
const LOGARITHMIC = {
  real: (s) => -softplus(-s), fake: (s) => -softplus(s), byReal: (s) => sigmoid(-s), byFake: (s) => -sigmoid(s),
};
export const LOSSES = {
  minimax: { ...LOGARITHMIC, byScore: (s) => -sigmoid(s) },
  "non-saturating": { ...LOGARITHMIC, byScore: (s) => -sigmoid(-s) },
  hinge: {
    real: (s) => -Math.max(0, 1 - s), fake: (s) => -Math.max(0, 1 + s), byReal: (s) => (s < 1 ? 1 : 0),
    byFake: (s) => (s > -1 ? -1 : 0), byScore: () => -1,
  },
};

/* Two players before their first step. */
export function begin(seed) {
  const generator = network([2, WIDTH, WIDTH, 2], "tanh", dice(seed));
  const critic = network([2, WIDTH, WIDTH, 1], "leaky_relu", dice(seed + 1000));
  return {
    generator, critic, random: dice(seed + 2000), stepsD: 0, stepsG: 0, value: 0,
    adamG: optimiser("adam", generator.layers, { betas: BETAS }),
    adamD: optimiser("adam", critic.layers, { betas: BETAS, maximise: true }),
  };
}

export const latents = (count, random) => Float64Array.from({ length: 2 * count }, () => 2 * random() - 1);
const normals = (count, random) => Float64Array.from({ length: 2 * count }, () => random.normal());
const blurred = (points, noise, blur) => (noise > 0 ? points.map((each, k) => each + noise * blur[k]) : points);
const each = (scores, how, share) => Float64Array.from(scores, (s) => share * how(s));
const meanOf = (scores, how) => scores.reduce((sum, s) => sum + how(s), 0) / scores.length;

/* What one step needs: fresh points, and fresh noise where there is any. */
export function draw(game, law, { noise }) {
  const { random } = game;
  const blur = () => (noise > 0 ? normals(BATCH, random) : null);
  return { real: law && sample(law, BATCH, random), latent: latents(BATCH, random), blurReal: law && blur(), blurFake: blur() };
}

/* D climbs once, on this batch. G and its Adam are not touched. */
export function climb(game, { real, latent, blurReal, blurFake }, { loss, rate_d: rate, penalty, noise }) {
  const { critic } = game;
  const { real: gainReal, fake: gainFake, byReal, byFake } = LOSSES[loss];
  const [seen, fake] = [blurred(real, noise, blurReal), blurred(forward(game.generator, latent).outputs, noise, blurFake)];
  const [passReal, passFake] = [seen, fake].map((points) => forward(critic, points));
  const share = 1 / passReal.count;
  const parts = [
    backward(critic, passReal, each(passReal.outputs, byReal, share)).gradients,
    backward(critic, passFake, each(passFake.outputs, byFake, share)).gradients,
  ];
  if (penalty > 0) parts.push(friction(critic, seen, passReal, -penalty * share));
  game.value = meanOf(passReal.outputs, gainReal) + meanOf(passFake.outputs, gainFake);
  game.adamD.step(added(parts), rate);
  game.stepsD += 1;
}

/* G descends once: its slope comes through D, which stands still with its Adam. */
export function descend(game, { latent, blurFake }, { loss, rate_g: rate, noise }) {
  const made = forward(game.generator, latent);
  const { inputs } = through(game.critic, blurred(made.outputs, noise, blurFake), loss);
  game.adamG.step(backward(game.generator, made, inputs.map((slope) => slope / made.count)).gradients, rate);
  game.stepsG += 1;
}

/* The score of each point, and the slope of its own loss, if it is a fake. */
export function through(critic, points, loss) {
  const pass = forward(critic, points);
  return { scores: pass.outputs, inputs: backward(critic, pass, each(pass.outputs, LOSSES[loss].byScore, 1)).inputs };
}

/* weight/2 · Σ ‖∇T‖², differentiated along the directions ∇T, which are held. */
function friction(critic, points, pass, weight) {
  const slopes = backward(critic, pass, new Float64Array(pass.count).fill(1)).inputs;
  return backward(critic, forward(critic, points, slopes), null, new Float64Array(pass.count).fill(weight)).gradients;
}

function added([first, ...others]) {
  const sum = arrays(first);
  for (const other of others) arrays(other).forEach((part, which) => part.forEach((value, k) => { sum[which][k] += value; }));
  return first;
}

/* One step of one player, or a round: so many of D, then one of G. */
export const stepD = (game, law, settings) => climb(game, draw(game, law, settings), settings);
export const stepG = (game, settings) => descend(game, draw(game, null, settings), settings);
export function round(game, law, settings) {
  for (let k = 0; k < settings.inner; k += 1) stepD(game, law, settings);
  stepG(game, settings);
}
