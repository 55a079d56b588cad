// The front page's game plays by itself as soon as it is seen, until its button is pressed or its run is over. It does
// not for readers who prefer reduced motion, nor once they have touched it.
(() => {
  addEventListener("load", () => {
    const mount = document.querySelector(".front [data-explorer-mount]");
    if (!mount || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    let touched = false;
    for (const name of ["pointerdown", "keydown"]) mount.addEventListener(name, () => { touched = true; }, { once: true, capture: true });
    const begin = () => {
      if (touched) return;
      const play = mount.querySelector(".explorer[data-ready=true] .explorer-primary");
      if (play) play.click();
      else requestAnimationFrame(begin);
    };
    const seen = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return;
      seen.disconnect();
      begin();
    });
    seen.observe(mount);
  });
})();
