/* Everything that is drawn, printed or said, from the order, the generator and the marked ball. */

import { decimal, linspace } from "../kit/numbers.js";
import { EXACT, bestSpread, networked, wasserstein } from "./generators.js";
import { BALLS, FIRST, LAST, ORDERS, density, jensenShannon, masses, overOrders, variance, varianceOf } from "./laws.js";

export const GRID = linspace(-3.6, 3.6, 361);
export const FIELD = { orders: linspace(FIRST, LAST, 61), places: linspace(-3.6, 3.6, 91) };
/* Where both densities add up to less, hardly anything lies. */
const SEEN = 0.05;

/* The best discriminator of pairs; and how strongly it is shown, from −1 (generated) to 1 (real). */
export const discriminator = (p, q) => (p + q > 0 ? p / (p + q) : 0.5);
const strength = (p, q) => (2 * discriminator(p, q) - 1) * Math.min(1, (p + q) / SEEN);

function fieldOf(generator) {
  return Array.from(FIELD.orders, (c) => {
    const made = generator.density(c);
    return FIELD.places.map((x) => strength(density(x, c), made(x)));
  });
}

/* What belongs to a generator and to no single order; the field, when it is asked for. */
function overview(generator) {
  const laws = Array.from(ORDERS, (c) => ({ c, ...generator.law(c) }));
  let field = null;
  return {
    generator,
    paths: generator.paths(BALLS),
    mean_w1: overOrders(laws.map(({ c, sorted }) => wasserstein(sorted, c))),
    value: 2 * overOrders(laws.map(({ c, mass }) => jensenShannon(masses(c), mass))) - 2 * Math.LN2,
    field: () => (field ??= fieldOf(generator)),
  };
}

/* What is to be seen at one order. */
function atOrder({ generator, paths, field, mean_w1, value }, { order: c, ball, pairs }) {
  const { sorted, mass } = generator.law(c);
  const balls = BALLS.map((z) => ({ z, x: generator.at(z, c), speed: generator.speed(z, c) }));
  const marked = balls[ball - 1];
  return {
    c, paths, balls, marked, drawn: GRID.map(generator.density(c)), field: pairs ? field() : null,
    numbers: {
      x: marked.x, speed: marked.speed, variance_law: variance(c), variance: varianceOf(mass), w1: wasserstein(sorted, c), mean_w1, value,
    },
  };
}

/* One overview is kept of each exact generator, and one of the network as it is now. */
export function player(learn) {
  const kept = new Map();
  const of = (name, key, make) => {
    if (kept.get(name)?.key !== key) kept.set(name, { key, ...overview(make()) });
    return kept.get(name);
  };
  const exact = (name) => of(name, "", () => EXACT[name]);
  return (state) => {
    const { generator: name, units, start, steps } = state;
    if (name !== "network") return atOrder(exact(name), state);
    const now = of(name, `${units} ${start} ${steps}`, () => networked(learn(state)));
    return { ...atOrder(now, state), affine: exact("affine").mean_w1 };
  };
}

const times = (speed) => {
  if (Math.abs(speed) < 0.005) return "stays where it is";
  if (!Number.isFinite(speed)) return "leaves at one end and comes back at the other";
  return `moves ${decimal(Math.abs(speed), 2)} times as far, ${speed > 0 ? "up" : "down"}wards`;
};

export function inWords({ c, marked, numbers, affine }, { generator, units, steps }) {
  const ball = `When the order grows a little, the ball _z_ = ${decimal(marked.z, 2)} ${times(marked.speed)}`;
  const here = decimal(numbers.w1, 2);
  if (generator === "quantile") return `${ball}. The law is right at every order.`;
  if (generator === "rolled") return `${ball}. The same laws as by quantile, at every order, and other paths.`;
  if (generator === "affine") {
    const [made, wanted] = [bestSpread() ** 2, numbers.variance_law];
    const width = Math.abs(made / wanted - 1) < 0.05 ? "has nearly the right variance, but not the right shape" : `is too ${made > wanted ? "wide" : "narrow"}`;
    return `One bell for all orders. At _c_ = ${decimal(c, 2)} it ${width}: _W_₁ is ${here}.`;
  }
  if (steps === 0) return `${units} units that have learnt nothing yet. Will they be enough for the bundle to part? Press Train.`;
  return `After ${steps} steps ${units} units are, on average over the orders, ${decimal(numbers.mean_w1, 2)} from the right laws in _W_₁;`
    + ` the best affine generator is ${decimal(affine, 2)} away.`;
}
