"""The GAN game in a real browser: its numbers against independent oracles, by mouse, finger and keyboard."""

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from explorer_pages import (
    drag,
    draw,
    mathematics_of,
    numbers_of,
    pages,
    peak,
    settle,
    state_of,
    swipe,
    words,
    write_page,
)
from lib import divergences
from lib.explorers.gan_game import GanGame


@pytest.fixture(scope="module")
def mathematics(browser):
    with mathematics_of(browser, "gan_game/game.js") as page:
        yield page


def density(law: dict):
    """The cut and normalised mixture as a function, from SciPy's normal law."""
    parts = [
        (1 - law["second_weight"], norm(law["mean"], law["width"])),
        (law["second_weight"], norm(law["second_mean"], law["width"])),
    ]
    mass = sum(weight * (part.cdf(6) - part.cdf(-6)) for weight, part in parts)
    return lambda x: sum(weight * part.pdf(x) for weight, part in parts) / mass


def check_numbers(page) -> dict[str, float]:
    """Every number of the page against `lib` on a finer grid and against adaptive quadrature."""
    state, shown = state_of(page), numbers_of(page)
    p, q = density(state["real"]), density(state["generated"])
    knots = np.linspace(-6, 6, len(state["discriminator"]))

    def drawn(x):
        return np.interp(x, knots, state["discriminator"])

    x = np.linspace(-6, 6, 24001)
    js = divergences.jensen_shannon(p(x), q(x), x)
    value = divergences.game_value(p(x), q(x), drawn(x), x)
    deficit = divergences.deficit(p(x), q(x), drawn(x), x)
    wanted = {
        "js": js,
        "value": value,
        "deficit": deficit,
        "half_deficit": deficit / 2,
        "bound": value / 2 + math.log(2),
    }
    assert shown == pytest.approx(wanted, abs=1e-3)
    adaptive_js, adaptive_value = by_quadrature(p, q, drawn)
    assert shown["js"] == pytest.approx(adaptive_js, abs=1e-3)
    assert shown["value"] == pytest.approx(adaptive_value, abs=1e-3)
    assert shown["deficit"] == pytest.approx(2 * adaptive_js - math.log(4) - adaptive_value, abs=1e-3)
    assert shown["bound"] + shown["half_deficit"] == pytest.approx(shown["js"], abs=1e-9)
    return shown


def by_quadrature(p, q, drawn) -> tuple[float, float]:
    """JS and V by QUADPACK, sharing nothing with `lib` or with the explorer."""

    def divergence(x):
        here, there = float(p(x)), float(q(x))
        middle = (here + there) / 2
        return sum(0.5 * each * math.log(each / middle) for each in (here, there) if each > 0)

    def game(x):
        return float(p(x)) * math.log(drawn(x)) + float(q(x)) * math.log(1 - drawn(x))

    pieces = np.linspace(-6, 6, 13)
    both = itertools.pairwise(pieces)
    halves = [[quad(f, a, b, limit=60, epsabs=2e-5)[0] for f in (divergence, game)] for a, b in both]
    return tuple(np.sum(halves, axis=0))


def test_first_numbers_are_right(opened):
    shown = check_numbers(opened())
    game = GanGame()
    curves = game.curves(20001)
    assert shown["js"] == pytest.approx(
        divergences.jensen_shannon(curves.real, curves.generated, curves.x), abs=1e-3
    )
    assert 0 < shown["bound"] < shown["js"] < math.log(2)


def test_outputs_print_their_values(opened):
    page = opened()
    for output in page.locator("output").all():
        printed = float(output.inner_text().replace("−", "-"))
        assert printed == pytest.approx(float(output.get_attribute("data-value")), abs=5.1e-4)
    words = page.locator(".explorer-sentence").inner_text()
    shown = numbers_of(page)
    assert f"{shown['bound']:.2f} of the {shown['js']:.2f} nats" in words


def test_mouse_moves_a_law_and_keeps_its_width(opened):
    page = opened()
    before = state_of(page)["generated"]
    drag(page, peak(page, "Peak of q, the generated law"), -100, 3)
    after = state_of(page)["generated"]
    unit = page.locator(".explorer-surface").bounding_box()["width"] / 12
    assert after["mean"] == pytest.approx(before["mean"] - 100 / unit, abs=0.02)
    assert after["width"] == before["width"]
    check_numbers(page)


def test_mouse_pulls_a_peak_up_to_narrow_its_law(opened):
    page = opened()
    before, height = state_of(page)["real"], peak(page, "Peak of p, the real law").bounding_box()
    drag(page, peak(page, "Peak of p, the real law"), 3, -20)
    after = state_of(page)["real"]
    assert after["width"] < before["width"] - 0.02
    assert after["mean"] == before["mean"]
    assert peak(page, "Peak of p, the real law").bounding_box()["y"] == pytest.approx(height["y"] - 20, abs=4)
    check_numbers(page)


def test_a_peak_beside_another_is_pulled_to_the_hand(browser, tmp_path):
    """Where two modes overlap, the height is that of both together, and the knob stays under the hand."""
    before = {"mean": -0.6, "second_mean": 0.6, "width": 1.0, "second_weight": 0.5}
    address = write_page(tmp_path, "gan_game", **{f"real_{key}": value for key, value in before.items()})
    with pages(browser, address) as open_page:
        page = open_page()
        assert state_of(page)["real"] == before
        for name, up in (("Peak of p, the real law", 14), ("Second peak of p, the real law", 9)):
            start = peak(page, name).bounding_box()
            drag(page, peak(page, name), 0, -up)
            settle(page)
            assert peak(page, name).bounding_box()["y"] == pytest.approx(start["y"] - up, abs=2.5)
        after = state_of(page)["real"]
        assert after["width"] < before["width"] - 0.1
        assert after == before | {"width": after["width"]}
        check_numbers(page)


def test_width_of_a_pulled_peak(mathematics):
    """The height that was asked for is the mixture's at that mode, for either mode, near and far."""
    generator = np.random.default_rng(6)
    for _ in range(60):
        low, high = np.sort(generator.uniform(-1.5, 1.5, 2))
        width, weight = generator.uniform(0.5, 1.1), generator.uniform(0.35, 0.65)
        law = {"mean": low, "second_mean": high, "width": width, "second_weight": weight}

        def height(at, scale, low=low, high=high, weight=weight):
            return (1 - weight) * norm(low, scale).pdf(at) + weight * norm(high, scale).pdf(at)

        for which in ("mean", "second_mean"):
            least, most = sorted(height(law[which], end) for end in (0.45, 1.5))
            wished = generator.uniform(least, most)
            found = mathematics.evaluate(
                "([law, which, height]) => lib.widthFor(law, which, height, [0.45, 1.5])",
                [law, which, wished],
            )
            assert height(law[which], found) == pytest.approx(wished, rel=1e-9)
    limits = "([law, height]) => lib.widthFor(law, 'mean', height, [0.45, 1.5])"
    ends = [mathematics.evaluate(limits, [law, height]) for height in (9.0, 0.01)]
    assert ends == pytest.approx([0.45, 1.5])


def test_keyboard_moves_and_reshapes_a_law(opened):
    page = opened()
    handle = peak(page, "Peak of q, the generated law")
    handle.focus()
    start = state_of(page)["generated"]
    page.keyboard.press("ArrowLeft")
    assert state_of(page)["generated"]["mean"] == pytest.approx(start["mean"] - 0.1)
    page.keyboard.press("Shift+ArrowRight")
    assert state_of(page)["generated"]["mean"] == pytest.approx(start["mean"] + 0.4)
    page.keyboard.press("ArrowUp")
    assert state_of(page)["generated"]["width"] < start["width"]
    check_numbers(page)
    page.keyboard.press("Home")
    settle(page)
    assert (
        float(handle.get_attribute("aria-valuenow")) == float(handle.get_attribute("aria-valuemin")) == -4.5
    )
    check_numbers(page)
    page.keyboard.press("End")
    settle(page)
    assert float(handle.get_attribute("aria-valuenow")) == float(handle.get_attribute("aria-valuemax")) == 4.5
    assert "centre 4.50, width" in handle.get_attribute("aria-valuetext")
    check_numbers(page)


def test_keys_pressed_within_one_frame_all_count(opened):
    page = opened()
    peak(page, "Peak of q, the generated law").focus()
    start = state_of(page)["generated"]["mean"]
    page.evaluate(
        """() => { for (let k = 0; k < 3; k += 1) document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true })); }"""
    )
    assert state_of(page)["generated"]["mean"] == pytest.approx(start - 0.3)


def test_sliders_reshape_the_laws(opened):
    page = opened()
    peak(page, "width of q, the generated law").fill("1.5")
    peak(page, "second peak of q, the generated law").fill("0.5")
    peak(page, "width of p, the real law").focus()
    page.keyboard.press("Home")
    state = state_of(page)
    assert state["generated"] == {"mean": 1.4, "second_mean": -2.2, "width": 1.5, "second_weight": 0.5}
    assert state["real"]["width"] == 0.45
    check_numbers(page)
    drag(page, peak(page, "Second peak of q, the generated law"), 40, 0)
    assert state_of(page)["generated"]["second_mean"] > -2.0
    check_numbers(page)


def test_second_peak_can_be_taken_away_and_brought_back(opened):
    page = opened()
    second = page.locator('[aria-label="Second peak of q, the generated law"]')
    assert not second.is_visible()
    peak(page, "second peak of q, the generated law").fill("0.3")
    settle(page)
    assert second.is_visible()


def test_drawing_follows_the_pen(opened):
    page = opened()
    draw(page, (0.02, 0.9), (0.4, 0.9), (0.55, 0.2), (0.98, 0.3))
    values = np.array(state_of(page)["discriminator"])
    box = page.locator(".explorer-surface").bounding_box()
    margin = 8 / (box["height"] - 16)  # the surface reaches eight pixels beyond the axes
    up = {
        at: share * (1 + 2 * margin) - margin
        for at, share in ((0.2, 0.9), (0.4, 0.9), (0.55, 0.2), (0.98, 0.3))
    }
    for at, height in up.items():
        assert values[round(800 * at)] == pytest.approx(height, abs=0.03)
    assert np.abs(np.diff(values)).max() < 0.1
    check_numbers(page)


def test_a_drawn_stroke_leaves_the_rest_alone(opened):
    page = opened()
    before = np.array(state_of(page)["discriminator"])
    draw(page, (0.4, 0.95), (0.6, 0.95))
    after = np.array(state_of(page)["discriminator"])
    x = np.linspace(-6, 6, 801)
    away = np.abs(x) > 1.2 + 0.27
    assert np.array_equal(before[away], after[away])
    assert np.all(after[np.abs(x) < 1.1] > 0.9)
    # Softly back and not with a jump: a smooth step of at most 0.6 over 0.25 rises by 0.054 between points.
    assert np.abs(np.diff(after)).max() < 0.06


def test_finger_draws(opened):
    page = opened(width=400, has_touch=True)
    page.locator(".explorer-surface").scroll_into_view_if_needed()
    box = page.locator(".explorer-surface").bounding_box()
    left, right = (box["x"] + share * box["width"] for share in (0.1, 0.9))
    y = box["y"] + 0.3 * box["height"]
    swipe(page, (left, y), (right, y))
    values = np.array(state_of(page)["discriminator"])[120:680]
    assert np.ptp(values) < 0.03
    check_numbers(page)


def test_finger_that_scrolls_draws_nothing(opened):
    page = opened(width=400, height=600, has_touch=True)
    page.locator(".explorer-surface").scroll_into_view_if_needed()
    before, top = state_of(page), page.evaluate("scrollY")
    box = page.locator(".explorer-surface").bounding_box()
    x = box["x"] + box["width"] / 2
    swipe(page, (x, box["y"] + 150), (x, box["y"] + 20))
    assert state_of(page) == before
    assert page.evaluate("scrollY") > top + 50


@pytest.mark.parametrize("degrees", [30, 50, 60])
def test_finger_draws_steep_strokes_too(opened, degrees):
    """Only what is nearer to up and down than this scrolls the page."""
    page = opened(width=400, height=600, has_touch=True)
    page.locator(".explorer-surface").scroll_into_view_if_needed()
    before, top = np.array(state_of(page)["discriminator"]), page.evaluate("scrollY")
    box = page.locator(".explorer-surface").bounding_box()
    x, y = box["x"] + 0.4 * box["width"], box["y"] + 0.9 * box["height"]
    far = 120 / max(1, math.tan(math.radians(degrees)))
    swipe(page, (x, y), (x + far, y - far * math.tan(math.radians(degrees))))
    after = np.array(state_of(page)["discriminator"])
    assert page.evaluate("scrollY") == top
    assert np.ptp((after - before)[300:400]) > 0.2
    check_numbers(page)


def test_a_finger_is_not_told_of_keys(opened):
    keys = "Tab to the curve"
    hint = opened().locator(".explorer-hint").first
    assert keys in hint.inner_text()
    hint = opened(width=390, has_touch=True, is_mobile=True).locator(".explorer-hint").first
    assert keys not in hint.inner_text() and "Draw across the picture." in hint.inner_text()


def test_finger_moves_a_handle_and_not_the_page(opened):
    page = opened(width=400, height=600, has_touch=True)
    handle = peak(page, "Peak of q, the generated law")
    before, top = state_of(page)["generated"], page.evaluate("scrollY")
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    swipe(page, (x, y), (x, y + 30))
    after = state_of(page)["generated"]
    assert after["width"] > before["width"] + 0.05 and after["mean"] == before["mean"]
    swipe(page, (x, y + 30), (x - 60, y + 30))
    assert state_of(page)["generated"]["mean"] < before["mean"] - 1
    assert page.evaluate("scrollY") == top


def test_keyboard_draws(opened):
    page = opened()
    peak(page, "Your D at 0").focus()
    before = np.array(state_of(page)["discriminator"])
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("ArrowDown")
    after = np.array(state_of(page)["discriminator"])
    assert after[400] == pytest.approx(before[400] - 0.12)
    hat = np.maximum(0, 1 - np.abs(np.linspace(-6, 6, 801)))
    assert after == pytest.approx(before - 0.12 * hat, abs=1e-9)
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Your D at 1"
    page.keyboard.press("End")
    assert state_of(page)["discriminator"][467] > 0.99
    check_numbers(page)


def test_every_control_has_its_name(opened):
    page = opened()
    laws = {"p, the real law": ("Peak", "Second peak"), "q, the generated law": ("Peak",)}
    for law, peaks in laws.items():
        for thing in (*peaks, "width", "second peak"):
            assert peak(page, f"{thing} of {law}").is_visible()
    assert peak(page, "Your D at 0").count() == 1
    assert page.get_by_role("button").all_inner_texts() == ["Make D optimal", "D = ½", "Reset"]


def test_drags_in_pixels_of_a_narrowed_page(opened):
    page = opened(width=1000)
    page.set_viewport_size({"width": 360, "height": 800})
    page.wait_for_function("document.querySelector('.explorer-chart').viewBox.baseVal.width < 360")
    before = state_of(page)["generated"]["mean"]
    unit = page.locator(".explorer-surface").bounding_box()["width"] / 12
    drag(page, peak(page, "Peak of q, the generated law"), -30, 0)
    assert state_of(page)["generated"]["mean"] == pytest.approx(before - 30 / unit, abs=0.02)


def test_buttons(opened):
    page = opened()
    first = state_of(page)
    page.get_by_role("button", name="Make D optimal").click()
    shown = check_numbers(page)
    assert shown["deficit"] == pytest.approx(0, abs=1e-4)
    assert "as good as any" in page.locator(".explorer-sentence").inner_text()
    page.get_by_role("button", name="D = ½").click()
    shown = check_numbers(page)
    assert shown["value"] == pytest.approx(-2 * math.log(2), abs=1e-9)
    assert shown["bound"] == pytest.approx(0, abs=1e-9)
    drag(page, peak(page, "Peak of p, the real law"), 60, 0)
    page.get_by_role("button", name="Reset").click()
    settle(page)
    assert state_of(page) == first


def test_an_optimal_d_goes_stale_when_a_law_moves(opened):
    page = opened()
    page.get_by_role("button", name="Make D optimal").click()
    settle(page)
    drag(page, peak(page, "Peak of q, the generated law"), 80, 0)
    assert check_numbers(page)["deficit"] > 0.01


def test_negative_bound_is_drawn_left_of_zero(opened):
    page = opened()
    draw(page, (0.01, 0.12), (0.5, 0.12), (0.99, 0.9))
    shown = check_numbers(page)
    assert shown["bound"] < -0.1
    words = page.locator(".explorer-sentence").inner_text()
    assert "certifies nothing" in words and f"−{abs(shown['bound']):.2f}" in words
    boxes = (
        """(nodes) => nodes.map((node) => { const { x, width } = node.getBBox(); return [x, x + width]; })"""
    )
    bound, half = page.locator(".explorer-band").evaluate_all(boxes)
    zero, _, level, edge = page.locator(".explorer-rule").evaluate_all(boxes)
    unit = (bound[1] - bound[0]) / -shown["bound"]
    assert bound[0] < zero[0] - 20
    assert bound[1] == pytest.approx(zero[0], abs=0.01)
    assert half == pytest.approx([bound[0], bound[0] + unit * shown["half_deficit"]], abs=0.01)
    assert level == pytest.approx([zero[0], zero[0] + unit * shown["js"]], abs=0.01)
    assert edge == pytest.approx([half[1]] * 2, abs=0.01)


def make_equal(page, key: str = "End") -> None:
    for part, value in (("width", "0.8"), ("second peak", "0")):
        for law in ("p, the real law", "q, the generated law"):
            peak(page, f"{part} of {law}").fill(value)
    for law in ("p, the real law", "q, the generated law"):
        peak(page, f"Peak of {law}").focus()
        page.keyboard.press(key)
        settle(page)


def test_equal_laws(opened):
    page = opened()
    make_equal(page)
    page.get_by_role("button", name="D = ½").click()
    shown = check_numbers(page)
    assert shown["js"] == pytest.approx(0, abs=1e-9)
    assert "The two laws are the same" in words(page)


@pytest.mark.parametrize(("width", "key"), [(1000, "End"), (360, "End"), (360, "Home")])
def test_equal_laws_can_be_told_apart(opened, width, key):
    """Both names can be read, and both handles can be seen and pulled, at the edge of a narrow page too."""
    page = opened(width=width)
    make_equal(page, key)
    boxes = [each.bounding_box() for each in page.locator(".explorer-note").all()]
    assert len(boxes) == 2 and not meet(*boxes)
    knobs = [
        peak(page, f"Peak of {law}").locator(".explorer-knob").bounding_box()
        for law in ("p, the real law", "q, the generated law")
    ]
    assert not meet(*knobs) and not any(meet(box, knob) for box in boxes for knob in knobs)
    top = page.locator(".explorer-chart").first.bounding_box()
    for box in (*boxes, *knobs):
        assert top["y"] <= box["y"] and box["x"] + box["width"] <= top["x"] + top["width"] + 1
    for law in ("real", "generated"):
        before = state_of(page)
        name = {"real": "p, the real law", "generated": "q, the generated law"}[law]
        drag(page, peak(page, f"Peak of {name}"), -60 if key == "End" else 60, 0)
        after = state_of(page)
        assert abs(after[law]["mean"] - before[law]["mean"]) > 0.5
        assert {**after, law: None, "discriminator": None} == {**before, law: None, "discriminator": None}


def meet(one: dict, other: dict) -> bool:
    """Whether two boxes overlap."""
    apart = (
        one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"],
        one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"],
    )
    return not any(apart)


@pytest.mark.parametrize("width", [360, 1000])
def test_axis_of_the_sum_can_be_read(opened, width):
    page = opened(width=width)
    for height in (0.5, 0.12, 0.06, 0.02, 0.005):
        draw(page, (0.01, height), (0.55, height), (0.99, 0.9))
        settle(page)
        boxes = (
            page.locator(".explorer-chart")
            .last.locator(".explorer-frame text")
            .evaluate_all(
                """(nodes) => nodes.map((node) => node.getBoundingClientRect())
              .map(({ x, y, width, height }) => ({ x, y, width, height }))"""
            )
        )
        for one, other in itertools.combinations(boxes, 2):
            assert not meet(one, other)


SENTENCES = [
    ((0.0, 0.0, 0.0), "The two laws are the same, and your D rightly"),
    ((-0.004, 0.004, 0.0), "The two laws are the same, and your D pays 0.0040 nats"),
    ((0.25, 1e-5, 0.25001), "as good as any can be: it certifies all 0.25 nats"),
    ((-0.004, 0.254, 0.25), "its bound, −0.0040, lies below zero, while the two laws are 0.25 nats"),
    ((-0.5, 0.75, 0.25), "its bound, −0.50, lies below zero"),
    ((0.0, 0.25, 0.25), "its bound is zero, while the two laws are 0.25 nats"),
    ((0.0003, 0.0009, 0.0012), "certifies 0.00030 of the 0.0012 nats"),
    ((0.15, 0.1, 0.25), "certifies 0.15 of the 0.25 nats"),
    ((0.249, 0.002, 0.251), "certifies nearly all of the 0.25 nats"),
]


@pytest.mark.parametrize(("numbers", "said"), SENTENCES)
def test_sentence_says_what_the_numbers_say(mathematics, numbers, said):
    given = dict(zip(("bound", "half_deficit", "js"), numbers, strict=True))
    assert said in mathematics.evaluate("(numbers) => lib.inWords(numbers).replaceAll('_', '')", given)
