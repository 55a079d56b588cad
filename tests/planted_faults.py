"""The faults that the tests must notice, each small, plausible, and silent by itself."""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from PIL import Image

PYTEST = ("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header", "--tb=no")
CHAPTER = "chapters/08_the_gan_game.ipynb"
DUALITY = "chapters/12_kantorovich_duality.ipynb"
WASSERSTEIN = "chapters/13_wasserstein_gan.ipynb"
GAME = "lib/explorers/gan_game/explorer.js"
TRAINING = "lib/explorers/critic_lab/training.js"


def tests(*names: str) -> tuple[tuple[str, ...], ...]:
    """A check that is one run of pytest."""
    return ((*PYTEST, *names),)


# Cheapest first. Every check is a sequence of commands, of which the first that does not pass decides.
CHECKS: dict[str, tuple[tuple[str, ...], ...]] = {
    "objectives": tests("tests/unit/test_objectives.py"),
    "divergences": tests("tests/unit/test_divergences.py"),
    "claims": tests("tests/unit/test_claims.py"),
    "runtime": tests("tests/unit/test_runtime.py"),
    "data": tests("tests/unit/test_data.py"),
    "adversarial": tests("tests/unit/test_adversarial.py"),
    "metrics": tests("tests/unit/test_metrics.py"),
    "features": tests("tests/unit/test_features.py"),
    "lint": tests("tests/notebooks/test_lint.py"),
    "stale": tests("tests/notebooks/test_stale.py"),
    "steps": tests("tests/notebooks/test_steps.py"),
    "wasserstein steps": tests("tests/notebooks/test_steps_wasserstein.py"),
    "critic table": tests("tests/unit/test_critics.py"),
    "lipschitz": tests("tests/unit/test_lipschitz.py"),
    "rerun": tests("tests/notebooks/test_fresh.py"),
    "explorers": tests("tests/site/test_explorer_gan_game.py"),
    "critics": tests("tests/site/test_explorer_critic_lab.py"),
}


@dataclass(frozen=True)
class Fault:
    """A fault: how to plant it, in which file, and the checks that may notice it, in their order."""

    name: str
    file: str
    plant: Callable[[Path], None]
    checks: tuple[str, ...]
    fast: bool = False


def once(text: str, old: str, new: str) -> str:
    """`text` with `old` replaced; ValueError unless it is there exactly once: else nothing is planted."""
    if text.count(old) != 1:
        raise ValueError(f"found {text.count(old)} times, expected once: {old!r}")
    return text.replace(old, new)


def edit(old: str, new: str) -> Callable[[Path], None]:
    """Replace a piece of a file."""

    def plant(path: Path) -> None:
        path.write_text(once(path.read_text(encoding="utf-8"), old, new), encoding="utf-8")

    return plant


def in_notebook(change: Callable[[list[NotebookNode]], None]) -> Callable[[Path], None]:
    """Change the code cells of a notebook."""

    def plant(path: Path) -> None:
        notebook = nbformat.read(path, as_version=4)
        before = nbformat.writes(notebook)
        change([cell for cell in notebook.cells if cell.cell_type == "code"])
        if nbformat.writes(notebook) == before:
            raise ValueError("the fault changed nothing")
        nbformat.write(notebook, path)

    return plant


def in_code(old: str, new: str) -> Callable[[Path], None]:
    """Replace a piece of a notebook's code."""

    def change(cells: list[NotebookNode]) -> None:
        holding = [cell for cell in cells if old in cell.source]
        if len(holding) != 1:
            raise ValueError(f"in {len(holding)} cells, expected one: {old!r}")
        holding[0].source = once(holding[0].source, old, new)

    return in_notebook(change)


def _first(cells: list[NotebookNode], fits: Callable[[NotebookNode], bool]) -> NotebookNode:
    found = next(filter(fits, cells), None)
    if found is None:
        raise ValueError("no cell of the kind in which to plant this fault")
    return found


def _draws(cell: NotebookNode) -> bool:
    return any("image/png" in output.get("data", {}) for output in cell.outputs)


def _prints(cell: NotebookNode) -> bool:
    return any(output.output_type == "stream" for output in cell.outputs)


def _claims(cell: NotebookNode) -> bool:
    return "nbval-check-output" in cell.metadata.get("tags", [])


def blank_figure(cells: list[NotebookNode]) -> None:
    """A white rectangle where a figure was."""
    buffer = io.BytesIO()
    Image.new("RGB", (640, 400), "white").save(buffer, format="png")
    output = next(o for o in _first(cells, _draws).outputs if "image/png" in o.get("data", {}))
    output["data"]["image/png"] = base64.b64encode(buffer.getvalue()).decode()


def stripped_output(cells: list[NotebookNode]) -> None:
    """A cell that printed something prints nothing."""
    _first(cells, _prints).outputs = []


def stripped_notebook(cells: list[NotebookNode]) -> None:
    """What a clean-up tool leaves: no outputs, no counts."""
    for cell in cells:
        cell.outputs, cell.execution_count = [], None


def nan_shown(cells: list[NotebookNode]) -> None:
    """A training log that reports nan."""
    output = next(o for o in _first(cells, _prints).outputs if o.output_type == "stream")
    output.text += "step 1000: critic nan, generator nan\n"


def swallowed_cell(cells: list[NotebookNode]) -> None:
    """An unknown magic: its error is only printed, and the claim below it never runs."""
    cell = _first(cells, _claims)
    cell.source = "%badmagic\n" + cell.source


def alt_lost(cells: list[NotebookNode]) -> None:
    """A figure without words."""
    del _first(cells, _draws).metadata["mystnb"]


def unused_tag(cells: list[NotebookNode]) -> None:
    """A cell marked as raising that raises nothing: from then on its errors would be forgiven."""
    _first(cells, _claims).metadata.tags.append("raises-exception")


FAULTS: tuple[Fault, ...] = (
    Fault(
        "critic_sign",
        "lib/objectives.py",
        edit("-softplus(-real_scores).mean() - softplus", "-softplus(-real_scores).mean() + softplus"),
        ("objectives",),
        fast=True,
    ),
    Fault(
        "generator_sign",
        "lib/objectives.py",
        edit(
            '-softplus(_scores("fake_scores", fake_scores))', 'softplus(_scores("fake_scores", fake_scores))'
        ),
        ("objectives",),
    ),
    Fault(
        "half_lost",
        "lib/divergences.py",
        edit("0.5 * kullback_leibler(p, middle, x) + 0.5 *", "kullback_leibler(p, middle, x) +"),
        ("divergences",),
        fast=True,
    ),
    Fault(
        "discriminator_inverted",
        "lib/divergences.py",
        edit("np.divide(p, both", "np.divide(q, both"),
        ("divergences",),
    ),
    Fault(
        "fake_term_of_the_value",
        "lib/divergences.py",
        edit("xlog1py(q, -discriminator)", "xlogy(q, discriminator)"),
        ("divergences",),
    ),
    Fault(
        "detach_lost_in_library",
        "lib/adversarial.py",
        edit("generator(latent(len(real)), *label).detach()", "generator(latent(len(real)), *label)"),
        ("adversarial", "steps"),
    ),
    Fault(
        "wrong_axis",
        "lib/metrics.py",
        edit(
            "precise += int(in_real_ball.any(dim=1).sum())", "precise += int(in_real_ball.any(dim=0).sum())"
        ),
        ("metrics",),
    ),
    Fault(
        "covariance_divisor",
        "lib/metrics.py",
        edit("math.sqrt(n - 1)", "math.sqrt(n)"),
        ("metrics",),
    ),
    Fault(
        "claim_of_one_sign",
        "lib/claims.py",
        edit(
            "error, tolerance = np.abs(measured - expected), atol +",
            "error, tolerance = measured - expected, atol +",
        ),
        ("claims",),
    ),
    Fault("seed_forgotten", "lib/runtime.py", edit("    torch.manual_seed(n)\n", ""), ("runtime",)),
    Fault("blank_figure", CHAPTER, in_notebook(blank_figure), ("lint",), fast=True),
    Fault("stripped_output", CHAPTER, in_notebook(stripped_output), ("lint", "stale", "rerun")),
    Fault("stripped_notebook", CHAPTER, in_notebook(stripped_notebook), ("lint",)),
    Fault("nan_shown", CHAPTER, in_notebook(nan_shown), ("lint",)),
    Fault("swallowed_cell", CHAPTER, in_notebook(swallowed_cell), ("lint",)),
    Fault("swallowed_cell_unlinted", CHAPTER, in_notebook(swallowed_cell), ("rerun",)),
    Fault("alt_lost", CHAPTER, in_notebook(alt_lost), ("lint",)),
    Fault("unused_tag", CHAPTER, in_notebook(unused_tag), ("lint",)),
    Fault(
        "explorer_sign",
        GAME,
        edit("bound: value / 2 + Math.LN2", "bound: value / 2 - Math.LN2"),
        ("explorers",),
    ),
    Fault(
        "explorer_half_lost",
        GAME,
        edit("integral(apart, FINE) / 2]", "integral(apart, FINE)]"),
        ("explorers",),
    ),
    Fault(
        "page_clip_lost",
        TRAINING,
        edit('  if (critic.constraint === "clip") clip(critic.layers, bound);\n', ""),
        ("critics",),
    ),
    Fault(
        "page_penalty_sign",
        TRAINING,
        edit("(-2 * penalty * excess", "(2 * penalty * excess"),
        ("critics",),
    ),
    Fault(
        "detach_lost",
        CHAPTER,
        in_code("fake = generator(latent(len(real))).detach()", "fake = generator(latent(len(real)))"),
        ("steps",),
    ),
    Fault(
        "generator_loss_sign",
        CHAPTER,
        in_code("return softplus(-fake_scores).mean()", "return -softplus(-fake_scores).mean()"),
        ("steps",),
    ),
    Fault(
        "claim_sign",
        CHAPTER,
        in_code("2 * jensen_shannon(p, q) - 2 * np.log(2)", "2 * jensen_shannon(p, q) + 2 * np.log(2)"),
        ("rerun",),
    ),
    Fault(
        "danskin_sign",
        CHAPTER,
        in_code("frozen = np.array([slope(", "frozen = np.array([-slope("),
        ("rerun",),
    ),
    Fault(
        "nan_loss",
        CHAPTER,
        in_code("value.backward()\n        climb", "(value / 0 * 0).backward()\n        climb"),
        ("rerun",),
    ),
    Fault(
        "plan_columns_mixed_up",
        DUALITY,
        in_code("np.kron(np.ones(n), np.eye(m))", "np.kron(np.eye(m), np.ones(n))"),
        ("rerun",),
    ),
    Fault(
        "dual_inequality_turned",
        DUALITY,
        in_code("linprog(-b, A_ub=A.T, b_ub=cost.ravel()", "linprog(-b, A_ub=-A.T, b_ub=-cost.ravel()"),
        ("rerun",),
    ),
    Fault(
        "forced_trips_sign",
        DUALITY,
        in_code("((cost * shared).sum() - W)", "((cost * shared).sum() + W)"),
        ("rerun",),
    ),
    Fault("farkas_sign", DUALITY, in_code("from_absence = v / -beta", "from_absence = v / beta"), ("rerun",)),
    Fault(
        "slack_sign",
        DUALITY,
        in_code("slack = cost - f[:, None] - g", "slack = cost - f[:, None] + g"),
        ("rerun",),
    ),
    Fault(
        "c_transform_sign",
        DUALITY,
        in_code(
            "return (cost - f[..., :, None]).min(axis=-2)", "return (cost + f[..., :, None]).min(axis=-2)"
        ),
        ("rerun",),
    ),
    Fault(
        "c_transform_largest",
        DUALITY,
        in_code(
            "return (cost - f[..., :, None]).min(axis=-2)", "return (cost - f[..., :, None]).max(axis=-2)"
        ),
        ("rerun",),
    ),
    Fault(
        "slope_bound_lost",
        DUALITY,
        in_code("ceiling = L * cost[from_, to]", "ceiling = cost[from_, to]"),
        ("rerun",),
    ),
    Fault(
        "bias_exponent",
        DUALITY,
        in_code("unit_ball[d]) ** (-1 / d)", "unit_ball[d]) ** (-1 / (d + 1))"),
        ("rerun",),
    ),
    Fault(
        "soft_plan_mass",
        DUALITY,
        in_code("/ eps) * p[:, None] * q", "/ eps) * p[:, None]"),
        ("rerun",),
    ),
    Fault(
        "wasserstein_sign",
        "lib/objectives.py",
        edit(
            "return real_scores.mean() - fake_scores.mean()", "return fake_scores.mean() - real_scores.mean()"
        ),
        ("objectives",),
    ),
    Fault(
        "clipped_on_one_side",
        "lib/lipschitz/constraints.py",
        edit("parameter.clamp_(-bound, bound)", "parameter.clamp_(max=bound)"),
        ("lipschitz",),
    ),
    Fault(
        "penalty_rewarded",
        "lib/adversarial.py",
        edit("else value - penalty(alone, real, fake)", "else value + penalty(alone, real, fake)"),
        ("adversarial", "wasserstein steps"),
    ),
    Fault(
        "generator_climbs",
        WASSERSTEIN,
        in_code(
            "loss = -critic(generator(latent(len(real)))).mean()",
            "loss = critic(generator(latent(len(real)))).mean()",
        ),
        ("wasserstein steps",),
    ),
    Fault(
        "penalty_rewarded_in_the_chapter",
        WASSERSTEIN,
        in_code("else value - penalty(critic, real, fake)", "else value + penalty(critic, real, fake)"),
        ("wasserstein steps",),
    ),
    Fault(
        "one_critic_step_too_many",
        WASSERSTEIN,
        in_code("for _ in range(5):", "for _ in range(6):"),
        ("wasserstein steps",),
    ),
    Fault(
        "mixture_lost",
        WASSERSTEIN,
        in_code("kullback_leibler(q, (p + q) / 2)) / 2", "kullback_leibler(q, (p + q) / 2))"),
        ("rerun",),
    ),
    Fault(
        "envelope_sign",
        WASSERSTEIN,
        in_code("torch.autograd.grad(-frozen.mean(), free)", "torch.autograd.grad(frozen.mean(), free)"),
        ("rerun",),
    ),
    Fault(
        "width_lost",
        WASSERSTEIN,
        in_code("theory = c**3 * 4 * 3 *", "theory = c**3 * 4 *"),
        ("rerun",),
    ),
    Fault(
        "power_of_the_box",
        WASSERSTEIN,
        in_code("a_priori = edges[:, None] ** 3", "a_priori = edges[:, None] ** 4"),
        ("rerun",),
    ),
    Fault(
        "slope_of_the_potential",
        WASSERSTEIN,
        in_code("climbs = (start + t[..., 0]", "climbs = (start - t[..., 0]"),
        ("rerun",),
    ),
    Fault(
        "reading_of_the_penalty",
        WASSERSTEIN,
        in_code("predicted = 3 * (1 + 3 / (2 * fines))", "predicted = 3 * (1 + 3 / fines)"),
        ("rerun",),
    ),
    Fault(
        "optimal_slope_halved",
        WASSERSTEIN,
        in_code("best = 1 + h / (20 * rho)", "best = 1 + h / (40 * rho)"),
        ("rerun",),
    ),
    Fault(
        "transform_sign",
        "lib/experiments/critics/problems.py",
        edit(
            "(away + scale * below).amin(dim=1).mean() - scale",
            "(away + scale * below).amin(dim=1).mean() + scale",
        ),
        ("critic table",),
    ),
    Fault(
        "stale_output", "lib/objectives.py", edit("import Tensor\n", "import Tensor  # changed\n"), ("stale",)
    ),
)
