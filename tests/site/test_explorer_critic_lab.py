"""The critic lab in a real browser: its networks against PyTorch, W and the potential against SciPy."""

import numpy as np
import pytest
import torch
from scipy.optimize import linprog

from critic_lab_pages import (
    KINDS,
    MODULES,
    check_drawing,
    check_numbers,
    check_page,
    check_potential,
    choose,
    clouds_of,
    put,
    raw_weights,
    run,
    scores,
)
from explorer_pages import (
    drag,
    mathematics_of,
    numbers_of,
    peak,
    press,
    rendered,
    settle,
    state_of,
    swipe,
    words,
)
from lib.explorers.critic_lab import CriticLab, critics

RATE, HALVED = 0.01, 200
SHIFTED = {"real": [-1.6, -0.4], "generated": [0.4, 1.6]}
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def lab(browser):
    """A page with the lab's modules and nothing to be seen."""
    with mathematics_of(browser, *(f"critic_lab/{name}.js" for name in MODULES)) as page:
        yield page


def test_first_page(opened):
    page = opened()
    for kind in KINDS:
        choose(page, kind)
        shown = check_page(page)
        check_drawing(page)
        assert shown["exact"] == pytest.approx(1.23, abs=1e-9) and shown["steps"] == 0
        assert "press Train" in words(page)


def test_potential_is_optimal(opened):
    """No critic of slope at most 1 earns more than W: the dual over the points, by HiGHS."""
    lab = CriticLab()
    generator = np.random.default_rng(13)
    states = [{"real": [-1.58, 1.58], "generated": [-0.25, 0.25]}]
    for _ in range(12):
        real, generated = generator.uniform(-3, 3, (2, 2)).round(2)
        states.append({"real": real.tolist(), "generated": generated.tolist()})
    states.append({"real": [0.5, 0.5], "generated": [0.5, 0.5]})
    rest = {key: getattr(lab, key) for key in CriticLab.class_own_traits(sync=True)}
    for state, shown in rendered(opened(), lab, [rest | each for each in states]):
        real, generated = (cloud.numpy() for cloud in clouds_of(state))
        x = np.unique(np.r_[real, generated])
        gain = np.array([(real == each).mean() - (generated == each).mean() for each in x])
        n = len(x)
        rise = np.eye(n)[1:] - np.eye(n)[:-1]
        gaps = np.diff(x)
        found = linprog(
            -gain, A_ub=np.r_[rise, -rise], b_ub=np.r_[gaps, gaps], bounds=[(0, 0)] + [(None, None)] * (n - 1)
        )
        assert shown["exact"] == pytest.approx(-found.fun, abs=1e-8)
        check_potential(state, shown["exact"])
    assert shown["exact"] == 0 and "the same" in state["words"]


CASES = [
    ("affine", {}),
    ("clipped", {"clip_bound": 0.3}),
    ("penalty", {"pairs": "random", "sided": "two"}),
    ("penalty", {"pairs": "matched", "sided": "one", "penalty": 3.0}),
    ("spectral", {"activation": "relu"}),
    ("spectral", {"activation": "maxmin"}),
]


def objective(state, weights, between: torch.Tensor) -> torch.Tensor:
    """What the critic climbs, differentiable twice by autograd alone."""
    real, generated = clouds_of(state)
    value = scores(state, weights, real).mean() - scores(state, weights, generated).mean()
    if state["critic"] != "penalty":
        return value
    between = between.requires_grad_()
    (slope,) = torch.autograd.grad(scores(state, weights, between).sum(), between, create_graph=True)
    excess = slope.abs() - 1
    excess = excess.clamp(min=0) if state["sided"] == "one" else excess
    return value - state["penalty"] * excess.square().mean()


@pytest.mark.parametrize(("kind", "settings"), CASES)
def test_steps_are_those_of_torch(lab, kind, settings):
    """Twenty steps of the page against torch.optim.Adam on the same weights, clouds and points between."""
    (state, _), *after = run(lab, kind, (1,) * 20, **SHIFTED, **settings)
    weights = [each.requires_grad_() for each in raw_weights(state)]
    clips = kind in ("affine", "clipped")
    first_rate = 0.05 * state["clip_bound"] if clips else RATE
    optimizer = torch.optim.Adam(weights, first_rate, betas=(0.5, 0.99), eps=1e-8, maximize=True)
    for step, (state, shown) in enumerate(after):
        optimizer.param_groups[0]["lr"] = first_rate / (1 + step / HALVED)
        optimizer.zero_grad()
        objective(state, weights, torch.tensor(state["between"], dtype=torch.float64)).backward()
        optimizer.step()
        if clips:
            with torch.no_grad():
                for each in weights:
                    each.clamp_(-state["clip_bound"], state["clip_bound"])
        *ours, last = (each.numpy() for each in raw_weights(state))
        *theirs, constant = (each.detach().numpy() for each in weights)
        for mine, other in zip(ours, theirs, strict=True):
            assert mine == pytest.approx(other, rel=1e-7, abs=1e-9)
        # The objective does not know the last bias: its derivative is rounding, which Adam makes steps of.
        assert last == pytest.approx(constant, abs=1e-7)
        assert shown["steps"] == step + 1
    check_numbers(state, shown)


def test_the_page_trains_as_its_mathematics_does(opened, lab):
    """Six hundred steps by the button, and the same without a page: one run, to the last bit."""
    page = opened(reduced_motion="reduce")
    press(page, "Train")
    for kind in KINDS:
        choose(page, kind)
        state, shown = run(lab, kind, (600,))[-1]
        assert state_of(page)["network"] == state["network"]
        assert check_page(page)["value"] == pytest.approx(shown["value"], rel=1e-11)
        assert words(page) == state["words"]
        check_drawing(page)


def test_paper_says_what_the_page_says(lab):
    """The figure for print is computed in Python from the same dice: the same critics, up to rounding."""
    explorer = CriticLab()
    real, generated = explorer.clouds()
    for kind in KINDS:
        state, shown = run(lab, kind, (600,))[-1]
        trained = critics.train(kind, explorer)
        ours = scores(state, raw_weights(state), torch.linspace(-4, 4, 101, dtype=torch.float64)).numpy()
        theirs = trained(np.linspace(-4, 4, 101))
        assert theirs - theirs.mean() == pytest.approx(ours - ours.mean(), abs=1e-2 * np.ptp(ours))
        proved = max(0.0, critics.proof(trained, real, generated))
        assert proved == pytest.approx(shown[f"certified_{kind}"], abs=5e-3)


def test_what_a_critic_proves_rests_on_its_steepest_climb(lab):
    """Only from generated to real points: critics that fall more steeply than they climb prove no less."""
    steeper_down = 0
    generator = np.random.default_rng(4)
    for seed in range(1, 61):
        real, generated = generator.uniform(-2, 2, (2, 2)).round(2).tolist()
        settings = {"real": real, "generated": generated, "seed": seed, "penalty": 0.1}
        for state, shown in run(lab, ("penalty", "spectral")[seed % 2], (3, 20), **settings):
            clouds = clouds_of(state)
            up, down = (scores(state, raw_weights(state), cloud).numpy() for cloud in clouds)
            apart = np.abs(np.subtract.outer(*(cloud.numpy() for cloud in clouds)))
            climbs = np.subtract.outer(up, down) / np.where(apart > 0, apart, np.inf)
            value = up.mean() - down.mean()
            proved = max(0.0, value / climbs.max()) if climbs.max() > 0 else 0.0
            assert shown[f"certified_{state['critic']}"] == pytest.approx(proved, rel=1e-9, abs=1e-12)
            steeper_down += value > 0 and -climbs.min() > 1.05 * climbs.max()
    assert steeper_down >= 5


@pytest.mark.parametrize("pairs", ["random", "matched"])
def test_points_between_lie_on_their_pairs(lab, pairs):
    outside, shares = 0, []
    for state, _ in run(lab, "penalty", (1,) * 20, **SHIFTED, pairs=pairs)[1:]:
        real, generated = (cloud.numpy() for cloud in clouds_of(state))
        between = np.array(state["between"])
        shares += list((between - real) / (generated - real))
        outside += int(((between < real) | (between > generated)).sum())
        assert real.min() <= between.min() and between.max() <= generated.max()
    if pairs == "matched":
        assert outside == 0 and np.ptp(shares) > 0.9 and 0.42 < np.mean(shares) < 0.58
    else:
        assert outside > 12


@pytest.mark.parametrize("bound", [0.01, 0.1, 1.0])
def test_affine_critic_is_blind_where_the_means_agree(lab, bound):
    state, shown = run(lab, "affine", (600,), clip_bound=bound)[-1]
    check_numbers(state, shown)
    assert abs(shown["value"]) < 1e-9 and shown["certified_affine"] < 1e-9
    assert shown["exact"] == pytest.approx(1.23, abs=1e-9) and shown["steps"] == 600
    assert "They are equal" in state["words"] and "1.230" in state["words"]


def test_affine_critic_is_all_it_takes_for_a_shift(opened):
    page = opened(reduced_motion="reduce")
    put(page, "the clouds", "shifted")
    press(page, "Train")
    shown = check_page(page)
    assert shown["exact"] == pytest.approx(2, abs=1e-9)
    assert shown["certified_affine"] == pytest.approx(2, abs=1e-6)
    assert shown["slope"] == pytest.approx(256e-6, rel=0.01)
    assert "one straight line" in words(page)


@pytest.mark.parametrize("bound", [0.01, 0.32, 1.0])
def test_clipped_critic_stays_in_its_box(lab, bound):
    state, shown = run(lab, "clipped", (600,), clip_bound=bound)[-1]
    check_numbers(state, shown)
    at_edge = np.concatenate([each.numpy().ravel() for each in raw_weights(state)])
    assert (np.abs(at_edge) > 0.999 * bound).mean() > 0.25
    assert 0.3 * shown["exact"] < shown["certified_clipped"] < shown["exact"]
    assert shown["slope"] < 3e-4 if bound == 0.01 else shown["slope"] > 0.5


def test_smaller_box_takes_effect_at_once(opened):
    page = opened(reduced_motion="reduce")
    choose(page, "clipped")
    slider = page.get_by_label("clip bound c")
    slider.fill("0")
    press(page, "Train")
    before = check_page(page)
    slider.fill("-1")
    after = check_page(page)
    assert after["steps"] == before["steps"] == 600 and state_of(page)["clip_bound"] == 0.1
    assert after["slope"] < before["slope"] / 30


@pytest.mark.parametrize("activation", ["relu", "maxmin"])
def test_spectral_norm_never_exceeds_slope_one(lab, activation):
    for seed in (3, 4, 5):
        state, shown = run(lab, "spectral", (600,), activation=activation, seed=seed)[-1]
        check_numbers(state, shown)
        assert shown["slope"] <= 1 + 1e-9 and shown["value"] <= shown["exact"] + 1e-9
        reached = shown["value"] / shown["exact"]
        assert reached > 0.95 if activation == "maxmin" else 0.4 < reached < 0.8
    assert ("MaxMin passes" if activation == "maxmin" else "Each ReLU") in state["words"]


@pytest.mark.parametrize("pairs", ["random", "matched"])
def test_penalty_reads_more_than_w_by_the_formula(lab, pairs):
    """A shift by W = 2, λ = 10: value W(1 + W/(2λ)) = 2.2 for matched pairs, about that for random ones."""
    for seed in (3, 4, 5):
        state, shown = run(lab, "penalty", (600,), **SHIFTED, pairs=pairs, seed=seed)[-1]
        check_numbers(state, shown)
        assert shown["value"] == pytest.approx(2.2, abs=0.12)
        assert 0.9 * 2 < shown["certified_penalty"] <= 2 and shown["slope"] > 1.03
        assert "overstates" in state["words"]


def test_page_prints_what_the_formula_says_of_a_shift(opened):
    page = opened()
    put(page, "the clouds", "shifted")
    choose(page, "penalty")
    assert numbers_of(page)["theory"] == pytest.approx(2.2)
    page.get_by_label("weight lambda").fill("0")
    assert numbers_of(page)["theory"] == pytest.approx(2 * (1 + 2 / 2))


def test_two_sided_penalty_can_hold_the_wrong_sign(lab):
    """On the split clouds some of the first weights end with a slope of the wrong sign, which only the
    two-sided penalty with a large λ holds; what the critic proves is small there, and true."""
    stuck = 0
    for seed in range(2, 8):
        state, shown = run(lab, "penalty", (600,), seed=seed)[-1]
        check_numbers(state, shown)
        wrong = "Stuck" in state["words"]
        assert wrong == (shown["certified_penalty"] < 0.5 * shown["exact"])
        stuck += wrong
    assert 1 <= stuck <= 5


def test_one_sided_penalty_frees_the_wrong_sign(opened):
    page = opened(reduced_motion="reduce")
    choose(page, "penalty")
    press(page, "Train")
    for _ in range(5):
        if "Stuck" in words(page):
            break
        press(page, "Other weights")
        press(page, "Train")
    assert "Stuck" in words(page)
    put(page, "penalty", "one")
    for _ in range(2):
        press(page, "Train")
    shown = check_page(page)
    assert shown["certified_penalty"] > 0.8 * shown["exact"] and "Stuck" not in words(page)


def test_small_penalty_overshoots(opened, lab):
    page = opened(reduced_motion="reduce")
    choose(page, "penalty")
    page.get_by_label("weight lambda").fill("-0.5")
    assert state_of(page)["penalty"] == 0.32
    press(page, "Train")
    shown = check_page(page)
    assert shown["slope"] > 2 and shown["value"] > 2 * shown["exact"]
    assert shown["certified_penalty"] > 0.85 * shown["exact"]
    check_drawing(page)
    top = page.locator('.explorer-chart[aria-label^="The exact potential"]')
    assert float(top.locator(".explorer-frame text").nth(2).text_content()) > shown["slope"]


def test_page_answers_while_the_end_is_computed(opened):
    """Without motion nothing is drawn before the end, but the training can be halted at once."""
    page = opened(reduced_motion="reduce")
    page.get_by_role("button", name="Train", exact=True).click()
    assert page.locator(".explorer").get_attribute("aria-busy") == "true"
    page.get_by_role("button", name="Pause", exact=True).click()
    assert 0 <= numbers_of(page)["steps"] < 600
    assert page.locator(".explorer").get_attribute("aria-busy") == "false"
    press(page, "Train")
    assert numbers_of(page)["steps"] >= 600


def test_training_runs_pauses_and_repeats(opened):
    page = opened()
    press(page, "Train")
    first = state_of(page)["network"]
    assert numbers_of(page)["steps"] == 600
    press(page, "Reset")
    assert numbers_of(page)["steps"] == 0
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("button", name="Pause", exact=True).click()
    settle(page)
    paused = numbers_of(page)["steps"]
    assert 0 < paused < 600
    press(page, "One step")
    assert numbers_of(page)["steps"] == paused + 1
    press(page, "Reset")
    press(page, "Train")
    assert state_of(page)["network"] == first


def test_training_goes_on_while_the_clouds_move(opened):
    page = opened()
    choose(page, "spectral")
    page.get_by_role("button", name="Train", exact=True).click()
    drag(page, peak(page, "Generated clump 2"), 120, 0)
    settle(page)
    shown = check_page(page)
    assert shown["steps"] == 600 and state_of(page)["generated"][1] > 1.5
    assert shown["certified_spectral"] > 0.3 * shown["exact"]


def test_mouse_drags_a_clump_and_the_critic_stays(opened):
    page = opened(reduced_motion="reduce")
    press(page, "Train")
    before, shown = state_of(page), check_page(page)
    box = page.locator(".explorer-chart").nth(1).bounding_box()
    unit = (box["width"] - 76) / 8
    drag(page, peak(page, "Generated clump 1"), -100, 30)
    after = state_of(page)
    assert after["generated"][0] == pytest.approx(before["generated"][0] - 100 / unit, abs=0.02)
    assert after["generated"][1] == before["generated"][1] and after["real"] == before["real"]
    assert after["network"] == before["network"]
    assert check_page(page)["exact"] < shown["exact"] - 0.3
    check_drawing(page)
    assert page.get_by_label("the clouds").input_value() == "own"
    drag(page, peak(page, "Real clump 2"), 900, 0)
    assert state_of(page)["real"][1] == 3
    check_page(page)
    dots = page.locator('.explorer-spot[data-role="real"]').evaluate_all(
        "(nodes) => nodes.map((node) => node.cx.baseVal.value)"
    )
    assert np.array(dots) / unit - 4 == pytest.approx(clouds_of(state_of(page))[0].numpy(), abs=0.02)


def test_keyboard_and_finger_move_clumps(opened):
    page = opened(width=400, height=700, has_touch=True)
    knob = peak(page, "Real clump 1")
    knob.focus()
    page.keyboard.press("Shift+ArrowRight")
    settle(page)
    page.keyboard.press("ArrowLeft")
    assert state_of(page)["real"][0] == pytest.approx(-1.58 + 0.2)
    assert knob.get_attribute("aria-valuetext") == "−1.38"
    page.keyboard.press("Home")
    assert state_of(page)["real"][0] == -3
    check_page(page)
    knob = peak(page, "Generated clump 2")
    knob.scroll_into_view_if_needed()
    top, box = page.evaluate("scrollY"), knob.bounding_box()
    start = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    swipe(page, start, (start[0] + 60, start[1] - 30))
    assert state_of(page)["generated"][1] > 1 and page.evaluate("scrollY") == top
    check_page(page)


def test_keyboard_trains_and_chooses(opened):
    page = opened(reduced_motion="reduce")
    page.get_by_role("button", name="spectral norm").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Train").focus()
    page.keyboard.press("Enter")
    assert state_of(page)["critic"] == "spectral" and numbers_of(page)["steps"] == 600
    choose(page, "clipped")
    page.get_by_label("clip bound c").focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    page.keyboard.press("ArrowRight")
    assert state_of(page)["clip_bound"] == 0.013
    check_page(page)


def test_finger_presses_buttons(opened):
    page = opened(width=360, height=740, has_touch=True, reduced_motion="reduce")
    page.get_by_role("button", name="gradient penalty").tap()
    page.get_by_role("button", name="Train").tap()
    assert check_page(page)["steps"] == 600 and state_of(page)["critic"] == "penalty"


def test_shape_or_size_is_drawn(opened):
    page = opened(reduced_motion="reduce")
    press(page, "Train")
    for kind in KINDS:
        choose(page, kind)
        settle(page)
        first = state_of(page)["scaled"][kind]
        assert first == (kind in ("affine", "clipped"))
        press(page, "Draw T ÷ K")
        assert state_of(page)["scaled"][kind] != first
        button = page.get_by_role("button", name="Draw T ÷ K")
        assert button.get_attribute("aria-pressed") == str(not first).lower()
        check_drawing(page)


def test_examples_and_same_clouds(opened):
    page = opened()
    put(page, "the clouds", "shifted")
    state = state_of(page)
    assert np.subtract(state["generated"], state["real"]) == pytest.approx([2, 2])
    assert check_page(page)["exact"] == pytest.approx(2, abs=1e-9)
    for which, key in ((1, "Home"), (2, "Home")):
        for side in ("Real", "Generated"):
            peak(page, f"{side} clump {which}").focus()
            page.keyboard.press(key)
            settle(page)
    shown = numbers_of(page)
    assert shown["exact"] == 0 and "there is nothing to prove" in words(page)
    assert all(shown[f"certified_{kind}"] == 0 for kind in KINDS)
    put(page, "the clouds", "same")
    assert state_of(page)["real"] == CriticLab().real
    check_page(page)


def test_outputs_print_their_values(opened):
    page = opened(reduced_motion="reduce")
    press(page, "Train")
    digits = {"exact": 3, "steps": 0}
    superscripts = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    for kind in KINDS:
        choose(page, kind)
        settle(page)
        for output in page.locator("output").all():
            quantity, value = output.get_attribute("data-quantity"), float(output.get_attribute("data-value"))
            text = output.inner_text().replace("−", "-")
            if quantity in digits:
                assert text == f"{value:.{digits[quantity]}f}"
                continue
            number = text.split(" = ")[0].replace("·10", "e").translate(superscripts)
            assert float(number) == pytest.approx(
                value, rel=0.051 if "e" in number else 5e-3, abs=1e-9 + 5.1e-4 * ("e" not in number)
            )
            if " = " in text:
                share = 100 * value / numbers_of(page)["exact"]
                assert text.endswith(f"= {share:.0f} %")


def test_sentence_waits_for_the_hand(opened):
    """A screen reader hears one sentence when the training has ended, not one a frame."""
    page = opened()
    page.evaluate(
        """() => { window.heard = [];
          const node = document.querySelector('.explorer-heard');
          new MutationObserver(() => window.heard.push(node.textContent)).observe(node, { childList: true });
        }"""
    )
    press(page, "Train")
    page.wait_for_function("(words) => window.heard.at(-1) === words", arg=words(page))
    assert len(page.evaluate("window.heard")) <= 3


def test_buttons(opened):
    page = opened()
    first = state_of(page)
    press(page, "Other weights")
    other = state_of(page)
    assert other["seed"] == first["seed"] + 1 and other["network"] != first["network"]
    press(page, "One step")
    choose(page, "penalty")
    put(page, "pairs", "matched")
    press(page, "Draw T ÷ K")
    put(page, "the clouds", "shifted")
    press(page, "Reset")
    assert state_of(page) == first
