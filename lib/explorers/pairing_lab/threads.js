/* The threads: numbers below, shades above, and a thread for each pair, whose upper end the reader takes elsewhere. */

import { chart, mark } from "../kit/chart.js";
import { gesture, keyed, knob } from "../kit/drag.js";
import { shape } from "../kit/elements.js";
import { clamp, decimal } from "../kit/numbers.js";

const REACH = 13;
const BAND = 22;
const MOVED = 5;
export const inkOf = (shade) => clamp((shade + 1) / 2, 0, 1).toFixed(3);

export function buildThreads(page, state, parent, exchange) {
  const board = chart(page, parent, {
    label: "Numbers z below, shades y above, and a thread for each pair", height: 270, left: 12, right: 26,
    x: { domain: [0, 1], ticks: [0, 0.5, 1], name: "_z_" }, y: { domain: [0, 1], name: ["shades _y_: those near −1 are empty, those near 1 full", "shades _y_, near −1 and near 1"] },
  });
  const flows = shape(board.plot, "g", { class: "explorer-flows" });
  const squares = shape(board.names, "g", { class: "explorer-shades" });
  const dots = shape(board.plot, "g", { class: "explorer-points", "data-role": "quiet" });
  const { numbers, shades } = state;
  const lines = numbers.map(() => shape(flows, "line"));
  const boxes = shades.map((each) => shape(squares, "rect", { "fill-opacity": inkOf(each) }));
  const feet = numbers.map(() => shape(dots, "circle", { r: 3 }));
  const across = (k) => board.sx((k + 0.5) / shades.length);
  const drawn = mark(board, flows, (pairing) => {
    const size = Math.min(13, 0.8 * (board.width / shades.length));
    const { held, marked, hand } = state;
    boxes.forEach((each, k) => {
      const isLit = hand ? k === hand.target : pairing[marked] === k;
      each.setAttribute("class", isLit ? "explorer-lit" : "");
      for (const [key, value] of Object.entries({ x: across(k) - size / 2, y: -size / 2, width: size, height: size })) each.setAttribute(key, value);
    });
    lines.forEach((each, i) => {
      const end = hand?.thread === i ? [board.sx(hand.at[0]), board.sy(hand.at[1])] : [across(pairing[i]), size / 2];
      const at = { x1: board.sx(numbers[i]), y1: board.height, x2: end[0], y2: end[1] };
      for (const [key, value] of Object.entries(at)) each.setAttribute(key, value.toFixed(1));
      each.setAttribute("data-role", pairing[i] === i ? "real" : "third");
      each.setAttribute("stroke-width", i === marked ? 4 : i === held ? 2.75 : 1.5);
      feet[i].setAttribute("cx", board.sx(numbers[i]));
      feet[i].setAttribute("cy", board.height);
    });
  });
  const hold = buildHands(page, state, board, across, exchange);
  return ({ pairing }) => {
    drawn.set(pairing);
    hold(pairing);
  };
}

/* A thread is taken by its square or anywhere along its length. Released over another square, the two exchange their
 * shades; released where it was taken, it is marked, and waits for the other. */
function buildHands(page, state, board, across, exchange) {
  const { numbers, shades } = state;
  let pairing = state.order;
  let from = null;
  const surface = shape(board.over, "rect", { class: "explorer-target explorer-threads", "aria-hidden": "true", x: -12, y: -BAND });
  mark(board, surface, () => {
    surface.setAttribute("width", board.width + 24);
    surface.setAttribute("height", board.height + 2 * BAND);
  }).set();
  const place = (event) => {
    const [x, y] = board.at(event);
    return { at: [x, y], x: board.sx(x), y: board.sy(y) };
  };
  const nearest = (distances) => distances.indexOf(Math.min(...distances));
  const squareAt = ({ x }) => nearest(shades.map((_, k) => Math.abs(across(k) - x)));
  const threadAt = (hand) => {
    if (hand.y < BAND) return pairing.indexOf(squareAt(hand));
    const share = clamp(hand.y / board.height, 0, 1);
    const far = numbers.map((z, i) => Math.abs((1 - share) * across(pairing[i]) + share * board.sx(z) - hand.x));
    return Math.min(...far) <= REACH ? nearest(far) : -1;
  };
  const touch = (thread) => {
    if (state.marked >= 0 && state.marked !== thread) exchange(state.marked, thread);
    else state.marked = state.marked === thread ? -1 : thread;
  };
  const release = () => page.change(() => {
    const { hand } = state;
    const taken = from;
    [from, state.hand] = [null, null];
    if (!taken || taken.thread < 0) return;
    if (!hand) touch(taken.thread);
    else if (hand.target !== pairing[hand.thread]) exchange(hand.thread, pairing.indexOf(hand.target));
  });
  gesture(page, surface, {
    start: (event) => {
      const hand = place(event);
      from = { x: hand.x, y: hand.y, thread: threadAt(hand) };
      node.focus({ preventScroll: true, focusVisible: false });
      if (from.thread >= 0) page.change(() => { state.held = from.thread; });
    },
    move: (event) => {
      const hand = place(event);
      if (!from || from.thread < 0 || (!state.hand && Math.hypot(hand.x - from.x, hand.y - from.y) < MOVED)) return;
      page.change(() => {
        const at = [clamp(hand.at[0], 0, 1), clamp(hand.at[1], 0.1, 1)];
        Object.assign(state, { marked: -1, hand: { thread: from.thread, target: squareAt(hand), at } });
      });
    },
    end: release,
    cancel: () => page.change(() => { [from, state.hand] = [null, null]; }),
  });
  /* A finger on the squares moves a thread; below them it scrolls the page up and down. */
  surface.addEventListener("touchstart", (event) => {
    if (event.cancelable && place(event.touches[0]).y < BAND) event.preventDefault();
  }, { signal: page.signal, passive: false });
  const node = knob(board.over, { role: "ink", label: "Thread" });
  const range = { "aria-valuemin": 1, "aria-valuemax": numbers.length, "aria-orientation": "horizontal" };
  for (const [key, value] of Object.entries(range)) node.setAttribute(key, value);
  node.addEventListener("keydown", (event) => {
    const key = keyed(event);
    const isChoice = event.key === "Enter" || event.key === " ";
    if (!key && !isChoice && event.key !== "Escape") return;
    event.preventDefault();
    page.change(() => {
      if (isChoice) touch(state.held);
      else if (!key) state.marked = -1;
      else if (key.end) state.held = key.end === "Home" ? 0 : numbers.length - 1;
      else state.held = clamp(state.held + key.steps[0] + key.steps[1], 0, numbers.length - 1);
    });
  }, { signal: page.signal });
  const foot = mark(board, node, (z) => node.setAttribute("transform", `translate(${board.sx(z)} ${board.height})`));
  return (now) => {
    pairing = now;
    const { held, marked } = state;
    foot.set(numbers[held]);
    node.setAttribute("aria-valuenow", held + 1);
    node.setAttribute("aria-valuetext", `number ${decimal(numbers[held], 2)} with shade ${decimal(shades[pairing[held]], 2)},`
      + ` ${pairing[held] === held ? "in order" : "wrong"}${marked === held ? ", marked" : ""}`);
  };
}
