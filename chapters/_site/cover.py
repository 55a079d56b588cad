"""Draw the picture that other sites show beside a link to the book: `python chapters/_site/cover.py`.

The result is kept in `cover.png`, so that building the book draws nothing.
"""

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import norm

from lib import divergences, figures
from sharing import PICTURE, SIZE

DOTS_PER_INCH = 100
TITLE = "Generative Adversarial Networks\nfrom First Principles"


def cover() -> Figure:
    """Return the figure: the title, two laws, and the best discriminator between them."""
    figures.use()
    x = np.linspace(-6, 6, 1201)
    p, q = norm(-1.7, 0.9).pdf(x), norm(1.9, 1.1).pdf(x)
    best = divergences.optimal_discriminator(p, q)
    drawn = Figure(figsize=[side / DOTS_PER_INCH for side in SIZE], dpi=DOTS_PER_INCH, layout="none")
    axes = drawn.add_axes((0.0, 0.0, 1.0, 0.62))
    for law, role, centre in ((p, "real", -1.7), (q, "generated", 1.9)):
        axes.fill_between(x, law, color=figures.colours[role], alpha=0.16, linewidth=0)
        axes.plot(x, law, color=figures.colours[role], linewidth=4)
        axes.text(centre, law.max() * 0.32, role, color=figures.colours[role], ha="center", fontsize=22)
    axes.plot(x, 0.5 * best, color=figures.colours["ink"], linewidth=3, linestyle=(0, (6, 4)))
    axes.set(xlim=(-5.4, 5.4), ylim=(0, 0.56))
    axes.axis("off")
    ink = figures.colours["ink"]
    drawn.text(0.06, 0.94, TITLE, color=ink, fontsize=46, fontweight=600, va="top", linespacing=0.85)
    drawn.text(0.06, 0.68, "Every theorem proved, then measured.", color=ink, fontsize=22, va="top")
    return drawn


if __name__ == "__main__":
    cover().savefig(PICTURE, dpi=DOTS_PER_INCH, facecolor="#fefefc", metadata={"Software": None})
