/* What the reader moves: handles, and a curve drawn by hand. Each works with a mouse, a finger, a pen and the keyboard. */

/* What a key asks for: steps to the right and upwards, or one end of the range. Shift takes five steps at once. */
function keyed(event) {
  const size = event.shiftKey ? 5 : 1;
  const steps = {
    ArrowLeft: [-size, 0], ArrowRight: [size, 0], ArrowUp: [0, size], ArrowDown: [0, -size],
    PageUp: [0, 5], PageDown: [0, -5],
  };
  if (event.key === "Home" || event.key === "End") return { end: event.key, steps: [0, 0] };
  return steps[event.key] ? { end: "", steps: steps[event.key] } : null;
}

/* The visible knob, a ring that shows the keyboard's focus, and a target wide enough for a finger. */
function knob(parent, { role, label, target = 14 }) {
  const node = shape(parent, "g", { class: "explorer-handle", "data-role": role, role: "slider", tabindex: 0 });
  node.setAttribute("aria-label", label);
  shape(node, "circle", { class: "explorer-target", r: target });
  shape(node, "circle", { class: "explorer-ring", r: 11 });
  shape(node, "circle", { class: "explorer-knob", r: 6 });
  return node;
}

/* A pointer gesture from press to release: start(event) once, then move(event); cancel() when the browser takes over. */
function gesture(page, node, { start, move, cancel = () => {}, end = () => {} }) {
  const options = { signal: page.signal };
  let pointer = null;
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || pointer !== null) return;
    pointer = event.pointerId;
    node.setPointerCapture(pointer);
    start(event);
  }, options);
  node.addEventListener("pointermove", (event) => event.pointerId === pointer && move(event), options);
  for (const [name, finish] of [["pointerup", end], ["pointercancel", cancel], ["lostpointercapture", end]]) {
    node.addEventListener(name, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = null;
      finish();
    }, options);
  }
}

/* A handle that moves along x, along y, or both. `x` and `y` are [min, max, step], or null where it is fixed.
 * move([x, y]) receives the wish, already within the limits; the explorer answers with set(x, y, text).
 * With `straight`, one gesture goes along one axis, the one it starts along: a hand that moves sideways also trembles
 * upwards, which matters where the two directions mean different things. */
function handle(chart, { role, label, x = null, y = null, straight = false, move }) {
  const node = knob(chart.over, { role, label });
  const main = x ?? y;
  let now = [0, 0];
  let wished = null; /* what this frame has asked for already: a second key in the same frame goes on from there */
  let grip = [0, 0];
  let from = null;
  let axis = "";
  node.setAttribute("aria-valuemin", main[0]);
  node.setAttribute("aria-valuemax", main[1]);
  node.setAttribute("aria-orientation", x ? "horizontal" : "vertical");
  const within = (value, limits, fixed) => (limits ? clamp(value, limits[0], limits[1]) : fixed);
  const wish = (wanted) => {
    wished = [within(wanted[0], x, now[0]), within(wanted[1], y, now[1])];
    requestAnimationFrame(() => { wished = null; });
    move(wished);
  };
  gesture(chart.page, node, {
    start: (event) => {
      const at = chart.at(event);
      grip = [at[0] - now[0], at[1] - now[1]];
      from = straight ? event : null;
      axis = "";
      node.focus({ preventScroll: true, focusVisible: false });
    },
    move: (event) => {
      const at = chart.at(event);
      if (from && !axis) {
        const [right, down] = [Math.abs(event.clientX - from.clientX), Math.abs(event.clientY - from.clientY)];
        if (Math.max(right, down) < 4) return;
        axis = right >= down ? "x" : "y";
      }
      wish([axis === "y" ? now[0] : at[0] - grip[0], axis === "x" ? now[1] : at[1] - grip[1]]);
    },
  });
  /* A finger on the handle moves the handle and not the page. */
  const options = { signal: chart.page.signal, passive: false };
  node.addEventListener("touchstart", (event) => event.preventDefault(), options);
  node.addEventListener("keydown", (event) => {
    const key = keyed(event);
    if (!key) return;
    event.preventDefault();
    const origin = wished ?? now;
    if (key.end) {
      const value = key.end === "Home" ? main[0] : main[1];
      wish(x ? [value, origin[1]] : [origin[0], value]);
      return;
    }
    /* With one direction only, both pairs of arrows move along it. */
    const [right, up] = x && y ? key.steps : [key.steps[0] + key.steps[1], key.steps[0] + key.steps[1]];
    wish([origin[0] + right * (x?.[2] ?? 0), origin[1] + up * (y?.[2] ?? 0)]);
  }, { signal: chart.page.signal });
  const self = mark(chart, node, (across, up, text = decimal(x ? across : up, 2)) => {
    now = [across, up];
    node.setAttribute("transform", `translate(${chart.sx(across)} ${chart.sy(up)})`);
    node.setAttribute("aria-valuenow", (x ? across : up).toFixed(3));
    node.setAttribute("aria-valuetext", text);
  });
  self.show = (visible) => { node.style.display = visible ? "" : "none"; };
  return self;
}

/* A curve over a grid, drawn by hand. `read()` gives its values, `write(values)` takes new ones within `range`.
 * The pointer draws; beyond the ends of a stroke the curve runs softly back to what it was (`soft`, in data units).
 * For the keyboard a row of points appears: left and right choose one, up and down move it, and its neighbours follow
 * in straight lines. The row is one stop of the Tab key, so that it does not stand in the way of the next control. */
function freehand(chart, { role, label, grid, range, points: count = 13, soft = 0.25, step = 0.02, read, write: put }) {
  const surface = shape(chart.over, "rect", { class: "explorer-surface", "aria-hidden": "true", y: -8 });
  mark(chart, surface, () => {
    surface.setAttribute("width", chart.width);
    surface.setAttribute("height", chart.height + 16);
  }).set();
  penStrokes(chart, surface, { grid, range, soft, read, put });
  /* Browsers heed touch-action on the drawing as a whole, not on a shape within it. */
  chart.svg.classList.add("explorer-drawable");
  keyboardRow(chart, { role, label, grid, range, count, step, read, put });
}

function penStrokes(chart, surface, { grid, range, soft, read, put }) {
  const { page } = chart;
  const gap = grid[1] - grid[0];
  const stroke = { base: null, values: new Float64Array(grid.length), from: 0, to: -1, last: [0, 0] };
  const nearest = (x) => clamp(Math.round((x - grid[0]) / gap), 0, grid.length - 1);
  const pen = (event) => {
    const [x, y] = chart.at(event);
    return [clamp(x, grid[0], grid[grid.length - 1]), clamp(y, ...range)];
  };
  const extend = (to) => {
    const from = stroke.last;
    const [low, high] = [nearest(Math.min(from[0], to[0])), nearest(Math.max(from[0], to[0]))];
    for (let index = low; index <= high; index += 1) {
      const share = low === high ? 1 : clamp((grid[index] - from[0]) / (to[0] - from[0]), 0, 1);
      stroke.values[index] = from[1] + share * (to[1] - from[1]);
    }
    stroke.from = Math.min(stroke.from, low);
    stroke.to = Math.max(stroke.to, high);
    stroke.last = to;
  };
  const result = () => stroke.base.map((old, index) => {
    if (index >= stroke.from && index <= stroke.to) return stroke.values[index];
    const end = index < stroke.from ? stroke.from : stroke.to;
    const edge = index < stroke.from ? 0 : grid.length - 1;
    /* A stroke that ends just short of the axis' end means to go all the way. */
    if (Math.abs(edge - end) * gap < 1.5 * soft) return stroke.values[end];
    const far = Math.abs(index - end) * gap / soft;
    const pull = far < 1 ? (1 - far) ** 2 * (1 + 2 * far) : 0;
    return pull * stroke.values[end] + (1 - pull) * old;
  });
  gesture(page, surface, {
    start: (event) => page.change(() => {
      const at = pen(event);
      Object.assign(stroke, { base: Float64Array.from(read()), from: nearest(at[0]), to: nearest(at[0]), last: at });
      extend(at);
      put(result());
    }),
    move: (event) => page.change(() => {
      for (const each of event.getCoalescedEvents?.() ?? []) extend(pen(each));
      extend(pen(event));
      put(result());
    }),
    /* The browser took the gesture for scrolling: what it left on the paper was no stroke. */
    cancel: () => page.change(() => put(stroke.base)),
  });
}

function keyboardRow(chart, { role, label, grid, range, count, step, read, put }) {
  const row = shape(chart.over, "g", { class: "explorer-keyboard-row", role: "group", "aria-label": label });
  const stride = (grid.length - 1) / (count - 1);
  const index = (which) => Math.round(which * stride);
  const shift = (which, value) => {
    const centre = index(which);
    const by = clamp(value, ...range) - read()[centre];
    put(read().map((old, at) => clamp(old + by * Math.max(0, 1 - Math.abs(at - centre) / stride), ...range)));
  };
  const knobs = Array.from({ length: count }, (_, which) => {
    const place = decimal(grid[index(which)], 1).replace(".0", "");
    const node = knob(row, { role, label: `${label} at ${place}` });
    node.setAttribute("tabindex", which === (count - 1) / 2 ? 0 : -1);
    node.setAttribute("aria-orientation", "vertical");
    node.setAttribute("aria-valuemin", range[0].toFixed(2));
    node.setAttribute("aria-valuemax", range[1].toFixed(2));
    return node;
  });
  const choose = (which) => knobs.forEach((node, at) => {
    node.setAttribute("tabindex", at === which ? 0 : -1);
    if (at === which) node.focus({ preventScroll: true });
  });
  row.addEventListener("keydown", (event) => {
    const which = knobs.indexOf(event.target);
    const key = keyed(event);
    if (!key || which < 0) return;
    event.preventDefault();
    const [right, up] = key.steps;
    if (key.end) chart.page.change(() => shift(which, key.end === "Home" ? range[0] : range[1]));
    else if (up) chart.page.change(() => shift(which, read()[index(which)] + up * step));
    else choose(clamp(which + right, 0, count - 1));
  }, { signal: chart.page.signal });
  mark(chart, row, () => knobs.forEach((node, which) => {
    const [x, y] = [grid[index(which)], read()[index(which)]];
    node.setAttribute("transform", `translate(${chart.sx(x)} ${chart.sy(y)})`);
    node.setAttribute("aria-valuenow", y.toFixed(2));
    node.setAttribute("aria-valuetext", decimal(y, 2));
  })).set();
}
