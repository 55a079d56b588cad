// The front page's picture moves by itself, slowly, until somebody touches it, points at it, or asks it to stop. It
// does not move for readers who prefer reduced motion, nor while it is out of sight.
(() => {
  const PERIOD = 9000; // milliseconds there and back
  const SWING = 2.2; // how far the generated law comes towards the real one, in units of x
  const MAGNET = 0.4; // a law let go this close to the other one means to lie on it

  /* Move the generated law to and fro; returns { stop, start } and tells `heard` whether it moves. */
  function movement(mount, model, heard) {
    const home = model.get("generated_mean");
    let frame = 0;
    let begun = null;
    let seen = true;
    const step = (now) => {
      begun ??= now;
      const share = (1 - Math.cos((2 * Math.PI * (now - begun)) / PERIOD)) / 2;
      if (seen) model.set("generated_mean", home - SWING * share);
      frame = requestAnimationFrame(step);
    };
    new IntersectionObserver(([entry]) => { seen = entry.isIntersecting; }).observe(mount);
    const stop = () => {
      cancelAnimationFrame(frame);
      frame = 0;
      heard(false);
    };
    const start = () => {
      begun = null;
      frame = requestAnimationFrame(step);
      heard(true);
    };
    return { stop, start };
  }

  /* When a hand lets a law go close to the other one, the two snap together: a finger is wider than the difference. */
  function magnet(mount, model) {
    let held = false;
    let released = false;
    mount.addEventListener("pointerdown", () => { held = true; }, true);
    for (const name of ["pointerup", "pointercancel"]) {
      addEventListener(name, () => {
        released = held;
        held = false;
      }, true);
    }
    /* The explorer writes its traits down a quarter of a second after the last movement. */
    const heard = () => {
      if (!released) return;
      released = false;
      const [real, generated] = [model.get("real_mean"), model.get("generated_mean")];
      if (generated === real || Math.abs(generated - real) > MAGNET) return;
      setTimeout(() => model.set("generated_mean", real));
    };
    model.on("change:generated_mean", heard);
  }

  function pauseButton(parent) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "front-pause";
    button.textContent = "Stop the picture";
    parent.append(" ", button);
    return button;
  }

  addEventListener("load", () => {
    const mount = document.querySelector(".front [data-explorer-mount]");
    if (!mount?.model) return;
    magnet(mount, mount.model);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const button = pauseButton(document.querySelector(".front-game > p"));
    const moving = (now) => {
      mount.classList.toggle("front-moving", now);
      button.hidden = !now;
    };
    const { stop, start } = movement(mount, mount.model, moving);
    button.addEventListener("click", stop);
    for (const name of ["pointerdown", "focusin", "keydown"]) mount.addEventListener(name, stop, { once: true, capture: true });
    mount.addEventListener("pointerenter", stop, { once: true });
    start();
  });
})();
