/* The run of an experiment: beginning, training frame by frame, and what changes on the way. */

function laboratory(page, state, first) {
  const lab = { critics: {} };
  /* All critics from the start of this seed. */
  lab.begin = (wanted) => {
    Object.assign(state, wanted, { left: 0 });
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
      for (let k = 0; k < STEPS_A_FRAME && state.left > 0 && performance.now() - start < 24; k += 1) {
        state.left -= 1;
        lab.climb(1);
      }
    });
    requestAnimationFrame(() => frame(mine));
  };
  lab.train = () => {
    if (state.left > 0) {
      page.change(() => { state.left = 0; });
      return;
    }
    /* Where motion is not welcome, only the end is drawn. */
    const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    page.change(() => {
      if (isCalm) lab.climb(STEPS);
      else state.left = STEPS;
    });
    run += 1;
    const mine = run;
    if (!isCalm) requestAnimationFrame(() => frame(mine));
  };
  return lab;
}
