"""The evidence lower bound: a log-likelihood, a normal law Q over the latent point, and the gap between."""

from typing import NamedTuple

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import norm

from lib.explorers import Explorer
from lib.explorers.limits import within

_NOISE = 0.5
_DECODERS = {"straight": lambda z: 1.2 * z + 0.5, "bent": lambda z: z**2}
_LIMITS = {"x": (0.0, 3.0), "mu": (-3.0, 3.0), "s": (0.05, 2.0)}
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(20)  # exact for the polynomials of degree 4 met here


class Terms(NamedTuple):
    """What the bars show, in nats: elbo = reconstruction − to_prior, and elbo + gap = log_likelihood."""

    reconstruction: float
    to_prior: float
    elbo: float
    gap: float
    log_likelihood: float


class ElboBars(Explorer):
    """A log-likelihood, the bound that a normal law Q gives of it, and the gap that remains.

        log P(x) = E_Q log P(x|z) − KL(Q‖P(z)) + KL(Q‖P(z|x)),    Q = N(mu, s²),   P(z) = N(0, 1)

    The decoder is P(x|z) = N(G(z), 0.5²), with G(z) = 1.2 z + 0.5 for `model` "straight", whose posterior is
    normal, and G(z) = z² for "bent". `x` lies in [0, 3], `mu` in [−3, 3], `s` in [0.05, 2].
    Raises ValueError for a value outside its range, and traitlets.TraitError for other types and names.
    """

    alt = (
        "Four pictures. A straight decoder over the latent point, crossed by the level of the observed x."
        " Below, a narrow dashed posterior, and to the left of it Q, which equals the prior. A map of the"
        " bound over mean and standard deviation of Q, with one hill. Bars: reconstruction, less the"
        " divergence from the prior, is the bound; with the gap it is log P(x)."
    )
    roles = ("real", "generated", "third")
    handles = ("Observed x in the picture", "Peak of Q", "Q in the map")
    controls = (
        *handles,
        *("decoder", "observed x", "mean of Q", "standard deviation of Q"),
        *("Make Q the best", "Match the moments", "Reset"),
    )
    stirring = "Make Q the best"
    animated = ("Make Q the best", "Match the moments")

    model = traitlets.Enum(list(_DECODERS), "straight").tag(sync=True)
    x = traitlets.Float(2.0).tag(sync=True)
    mu = traitlets.Float(0.0).tag(sync=True)
    s = traitlets.Float(1.0).tag(sync=True)

    @traitlets.validate(*_LIMITS)
    def _within(self, proposal):
        name = proposal["trait"].name
        return within(name, proposal["value"], *_LIMITS[name])

    def terms(self, mu: float | None = None, s: float | None = None) -> Terms:
        """The five bars at (mu, s), the traits if none are given."""
        mu, s = self.mu if mu is None else mu, self.s if s is None else s
        z, weights = mu + s * _NODES, _WEIGHTS / _WEIGHTS.sum()
        reconstruction = float(weights @ norm(_DECODERS[self.model](z), _NOISE).logpdf(self.x))
        log_q, log_prior = norm(mu, s).logpdf(z), norm.logpdf(z)
        to_prior = float(weights @ (log_q - log_prior))
        gap = float(self._gaps(np.array([mu]), np.array([s]))[0])
        return Terms(reconstruction, to_prior, reconstruction - to_prior, gap, self.log_likelihood())

    def _gaps(self, mu: np.ndarray, s: np.ndarray) -> np.ndarray:
        """KL(Q‖P(z|x)) for each of many (mu, s), whose shapes broadcast."""
        mu, s = mu[..., None], s[..., None]
        log_q = norm.logpdf(_NODES) - np.log(s)
        apart = log_q - self._log_joint(mu + s * _NODES)
        return apart @ (_WEIGHTS / _WEIGHTS.sum()) + self.log_likelihood()

    def log_likelihood(self) -> float:
        """log P(x), by the trapezoid rule over z from −8 to 8."""
        z = np.linspace(-8, 8, 4001)
        return float(np.log(np.trapezoid(np.exp(self._log_joint(z)), z)))

    def _log_joint(self, z: np.ndarray) -> np.ndarray:
        return norm.logpdf(z) + norm(_DECODERS[self.model](z), _NOISE).logpdf(self.x)

    def figure(self) -> Figure:
        """The decoder, the laws over z, the bound over (mu, s), and the bars."""
        figure = Figure(figsize=(7.2, 5.8), layout="constrained")
        (decoder, plane), (laws, bars) = figure.subplots(2, 2)
        self._draw_decoder(decoder)
        self._draw_laws(laws)
        self._draw_map(plane)
        self._draw_bars(bars)
        return figure

    def _draw_decoder(self, axes: Axes) -> None:
        from lib.figures import colours

        z = np.linspace(-3.2, 3.2, 321)
        made = _DECODERS[self.model](z)
        axes.fill_between(z, made - _NOISE, made + _NOISE, color=colours["third"], alpha=0.2, linewidth=0)
        axes.plot(z, made, color=colours["third"])
        axes.axhline(self.x, color=colours["real"])
        axes.set(xlabel="$z$", ylabel="$G(z)$ and $x$", xlim=(-3.2, 3.2), ylim=(-1, 4.5))

    def _draw_laws(self, axes: Axes) -> None:
        from lib import figures

        z = np.linspace(-3.2, 3.2, 641)
        hue = figures.colours["generated"]
        axes.plot(z, norm.pdf(z), color=figures.colours["muted"])
        axes.plot(z, np.exp(self._log_joint(z) - self.log_likelihood()), **figures.exact)
        axes.plot(z, norm(self.mu, self.s).pdf(z), color=hue)
        axes.fill_between(z, norm(self.mu, self.s).pdf(z), color=hue, alpha=0.2, linewidth=0)
        axes.set(xlabel="$z$", ylabel="density", xlim=(-3.2, 3.2), ylim=(0, None))

    def _draw_map(self, axes: Axes) -> None:
        from lib import figures

        means, scales = np.linspace(*_LIMITS["mu"], 49), np.geomspace(*_LIMITS["s"], 33)
        gaps = self._gaps(means, scales[:, None])
        axes.contour(
            means, scales, gaps, 2.0 ** np.arange(-3, 5), linewidths=1, colors=figures.colours["muted"]
        )
        axes.plot(self.mu, self.s, "o", color=figures.colours["generated"])
        axes.set(xlabel=r"$\mu$", ylabel="$s$", yscale="log")
        axes.set_yticks(ticks := [0.05, 0.1, 0.2, 0.5, 1, 2], map(str, ticks))
        axes.minorticks_off()

    def _draw_bars(self, axes: Axes) -> None:
        from lib import figures

        made, hues = self.terms(), figures.colours
        hue = hues["generated"]
        axes.barh(0, made.reconstruction, height=0.6, color=hues["third"])
        axes.barh(1, -made.to_prior, left=made.reconstruction, height=0.6, color=hues["muted"])
        axes.barh(2, made.elbo, height=0.6, color=hue)
        axes.barh(3, made.gap, left=made.elbo, height=0.6, color=hue, alpha=0.3)
        axes.axvline(made.log_likelihood, **figures.exact)
        axes.set_yticks(range(4), ["reconstruction", "− KL(Q‖prior)", "= ELBO", "+ gap"])
        axes.set(xlim=(1.05 * min(made.elbo, -3), 0), ylim=(3.6, -0.6))
        title = f"{made.elbo:.3f} + {made.gap:.3f} = {made.log_likelihood:.3f}".replace("-", "−")
        axes.set_title(title, loc="left", fontsize="medium")
