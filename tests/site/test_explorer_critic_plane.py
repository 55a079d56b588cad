"""The explorer of critics in a real browser: unpacked and drawn as the library says, and by all hands."""

import math
import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from scipy.interpolate import RegularGridInterpolator

from explorer_pages import (
    mathematics_of,
    numbers_of,
    pages,
    peak,
    press,
    rendered,
    settle,
    state_of,
    swipe,
    words,
    write_page,
)
from lib.experiments.critics.pictures import Numbers
from lib.explorers.critic_plane import PARTS, CriticPlane

FILES = ("critic_plane/pictures.js",)
SIDE, ARROWS, UNIT = 33, 48, 0.42
READ = """(stored) => { const { field, arrows, numbers } = lib.readPicture(stored);
  return { field: [...field], home: arrows.home, fresh: arrows.fresh, numbers }; }"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    return write_page(tmp_path_factory.mktemp("explorer"), "critic_plane")


@pytest.fixture(scope="module")
def mathematics(browser):
    with mathematics_of(browser, *FILES) as page:
        yield page


@pytest.fixture
def opened(browser, address):
    with pages(browser, address) as open_page:
        yield open_page


def stored(explorer: CriticPlane) -> dict:
    moments = explorer.made["pictures"][explorer.problem][explorer.named()]
    return moments[min(explorer.moment, len(moments) - 1)]


SAMPLE = (
    {"critic": "semi-dual", "moment": 0},
    {"critic": "max of cones", "problem": "gaussians"},
    {"critic": "one-sided fine", "moment": 2},
    {"critic": "programme, lowest", "points": "home"},
    {"critic": PARTS, "deep": True, "orthonormal": True, "moment": 1},
)


@pytest.mark.parametrize("chosen", SAMPLE, ids=lambda each: each["critic"])
def test_a_picture_is_unpacked_as_in_python(mathematics, chosen):
    explorer = CriticPlane(**chosen)
    found = mathematics.evaluate(READ, stored(explorer))
    home, fresh = explorer.shown("home"), explorer.shown("fresh")
    assert np.reshape(found["field"], (SIDE, SIDE)) == pytest.approx(home.field, abs=1e-9)
    assert np.array(found["home"]) == pytest.approx(home.arrows, abs=1e-9)
    assert np.array(found["fresh"]) == pytest.approx(fresh.arrows, abs=1e-9)
    assert found["numbers"] == home.numbers and [*found["numbers"]] == [*Numbers._fields]
    assert np.abs(home.arrows - fresh.arrows).max() > 0.1


def test_between_the_nodes_it_is_bilinear_and_rows_come_from_above(mathematics):
    values = np.random.default_rng(2).normal(size=(SIDE, SIDE))
    found = mathematics.evaluate("([v]) => [...lib.refined(v, 4)]", [values.ravel().tolist()])
    side = 4 * (SIDE - 1) + 1
    nodes = np.arange(side) / 4
    up, across = np.meshgrid(nodes[::-1], nodes, indexing="ij")
    wanted = RegularGridInterpolator((np.arange(SIDE),) * 2, values)((up, across))
    assert np.reshape(found, (side, side)) == pytest.approx(wanted, abs=1e-9)


def test_levels_are_crossed_where_the_field_has_them(mathematics):
    """On an ellipse, whose level is known at every piece's ends; a saddle's lines do not cross."""
    rows, columns = np.indices((SIDE, SIDE))
    bowl = np.hypot(columns - 12, 2 * (rows - 18))
    pieces = np.array(mathematics.evaluate("([v]) => lib.crossings(v, 9.3)", [bowl.ravel().tolist()]))
    ends = pieces.reshape(-1, 2)
    assert np.hypot(ends[:, 0] - 12, 2 * (ends[:, 1] - 18)) == pytest.approx(9.3, abs=0.25)
    length = np.hypot(*(pieces[:, :2] - pieces[:, 2:]).T).sum()
    assert length == pytest.approx(9.688 * 9.3 / 2, rel=0.02)  # of an ellipse with half-axes 2 and 1: 9.688
    saddle = np.zeros((SIDE, SIDE))
    saddle[4, 4] = saddle[5, 5] = 1.0
    found = np.array(mathematics.evaluate("([v]) => lib.crossings(v, 0.4)", [saddle.ravel().tolist()]))
    middle = found[(np.floor(found[:, ::2].min(axis=1)) == 4) & (np.floor(found[:, 1::2].min(axis=1)) == 4)]
    inside = middle[(middle >= 4).all(axis=1) & (middle <= 5).all(axis=1)]
    assert len(inside) == 2 and (np.abs((inside[:, :2] - inside[:, 2:]).prod(axis=1)) > 0.1).all()
    ways = inside[:, :2] - inside[:, 2:]
    assert (ways.prod(axis=1) > 0).all()  # the middle, 0.5, belongs to the two high corners


def test_angles_and_neighbours(mathematics):
    ask = "([a, b]) => lib.angleBetween(a, b)"
    assert mathematics.evaluate(ask, [[1, 0], [-1, 1]]) == pytest.approx(135)
    assert mathematics.evaluate(ask, [[0, 3], [0.2, 0]]) == pytest.approx(90)
    assert mathematics.evaluate(ask, [[0, 0], [0.2, 0]]) is None
    points = [[0, 0], [2, 0.5], [1, 1.9], [-3, 0], [0, -1], [0.4, -4]]
    go = "([points, from, way]) => lib.neighbour(points, from, way)"
    found = [mathematics.evaluate(go, [points, 0, way]) for way in ([1, 0], [0, 1], [-1, 0], [0, -1])]
    assert found == [1, 2, 3, 4]
    assert mathematics.evaluate(go, [points, 3, [-1, 0]]) == 3


def lines_of(page, name: str) -> np.ndarray:
    """The beginnings and ends of the drawn lines, (n, 4), in units of the drawing."""
    path = page.locator(f"path.{name}").get_attribute("d")
    found = re.findall(r"M(\S+) (\S+)L(\S+) (\S+)(?=M|$)", re.sub(r"M\S+ \S+L\S+ \S+L[^M]*", "", path))
    return np.array(found, dtype=float)


def wide_of(page) -> float:
    return page.locator(".critics-surface").evaluate("(node) => node.width.baseVal.value")


def placed(page, explorer: CriticPlane, points: np.ndarray) -> np.ndarray:
    """Points of the plane in units of the drawing."""
    x, y, half = explorer.made["settings"][explorer.problem]["window"]
    return (np.array([[1, -1]]) * (points - [x, y]) / half + 1) / 2 * wide_of(page)


def test_page_draws_what_python_computes(opened):
    page, explorer = opened(), CriticPlane()
    shown, number = explorer.shown(), numbers_of(page)
    for name, value in shown.numbers.items():
        assert number[name] == pytest.approx(value, rel=1e-9), name
    setting = explorer.made["settings"]["ring"]
    assert number["exact"] == setting["home"]["exact"] and number["fresh_exact"] == setting["fresh"]["exact"]
    start, line = CriticPlane(moment=0).shown().numbers, CriticPlane(critic="straight line").shown().numbers
    for quantity in ("raw", "certified", "transformed", "cosine", "length"):
        assert number[f"start_fresh_{quantity}"] == start[f"fresh_{quantity}"]
        assert number[f"line_fresh_{quantity}"] == line[f"fresh_{quantity}"]
    drawn = lines_of(page, "critics-true")
    wanted = np.hstack(
        [placed(page, explorer, shown.generated + UNIT * each * shown.towards) for each in (0, 1)]
    )
    assert drawn == pytest.approx(wanted, abs=0.11)
    arrows = lines_of(page, "critics-arrows")
    wanted = np.hstack(
        [placed(page, explorer, shown.generated + UNIT * each * shown.arrows) for each in (0, 1)]
    )
    assert arrows == pytest.approx(wanted[1:], abs=0.11)  # the first is the one that is looked at
    assert lines_of(page, "critics-one") == pytest.approx(wanted[:1], abs=0.11)
    for name, points in (("critics-fakes", shown.generated), ("critics-hollow", shown.real)):
        path = page.locator(f"path.{name}").get_attribute("d")
        left, radius = (
            np.array(re.findall(r"M(\S+) (\S+)a", path), float),
            float(re.search(r"a(\S+)", path)[1]),
        )
        left[:, 0] += radius
        assert left == pytest.approx(placed(page, explorer, points), abs=0.11)


def test_ground_is_painted_in_the_colours_of_its_sides(opened):
    page = opened()
    explorer = CriticPlane()
    field = explorer.shown().field
    pixels = page.evaluate(
        """() => { const canvas = document.querySelector('.critics-field');
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.width);
          return [canvas.width, [...data]]; }"""
    )
    side, data = pixels[0], np.reshape(pixels[1], (pixels[0], pixels[0], 4))[::-1][::4, ::4]
    assert side == 4 * (SIDE - 1) + 1
    assert data[..., 3] == pytest.approx(255 * 0.42 * np.tanh(np.abs(field) / 1.5), abs=1)
    strong = np.abs(field) > 0.3
    blue, orange = data[strong & (field > 0)], data[strong & (field < 0)]
    assert (blue[:, 2] > blue[:, 0]).all() and (orange[:, 0] > orange[:, 2]).all()
    assert min(len(blue), len(orange)) > 20


def looked_at(explorer: CriticPlane) -> tuple[float, float | None, float]:
    """Length, angle in degrees and distance of the partner at the chosen point."""
    shown, k = explorer.shown(), explorer.chosen - 1
    one, other = shown.arrows[k], shown.towards[k]
    far = np.linalg.norm(shown.partners[k] - shown.generated[k])
    if not one.any():
        return 0.0, None, far
    cosine = one @ other / np.linalg.norm(one)
    return np.linalg.norm(one), math.degrees(math.acos(min(1, max(-1, cosine)))), far


def check_reading(page, explorer: CriticPlane) -> None:
    length, angle, far = looked_at(explorer)
    number, state = numbers_of(page), state_of(page)
    assert (number["arrow"], number["far"]) == pytest.approx((length, far), abs=1e-5)
    assert number["angle"] == pytest.approx(angle or 0, abs=1e-3)
    assert (state["angle"] is None) == (angle is None)
    said = peak(page, "Generated point").get_attribute("aria-valuetext")
    assert said.startswith(f"point {explorer.chosen}: ")
    assert ("no gradient" in said) == (angle is None)


def test_click_tap_and_keys_choose_a_point(opened):
    page = opened(width=390, height=900, has_touch=True)
    explorer = CriticPlane()
    check_reading(page, explorer)
    spots = placed(page, explorer, explorer.shown().generated)
    box = page.locator(".critics-surface").bounding_box()
    for which, hand in ((7, page.mouse.click), (31, page.touchscreen.tap)):
        page.locator(".critics-surface").scroll_into_view_if_needed()
        box = page.locator(".critics-surface").bounding_box()
        hand(box["x"] + spots[which - 1, 0], box["y"] + spots[which - 1, 1])
        assert state_of(page)["chosen"] == which
        check_reading(page, CriticPlane(chosen=which))
    peak(page, "Generated point").focus()
    points = explorer.shown().generated
    for key, axis, sign in (
        ("ArrowRight", 0, 1),
        ("ArrowUp", 1, 1),
        ("ArrowLeft", 0, -1),
        ("ArrowDown", 1, -1),
    ):
        before = points[state_of(page)["chosen"] - 1]
        page.keyboard.press(key)
        settle(page)
        after = points[state_of(page)["chosen"] - 1]
        assert sign * (after - before)[axis] > 0, key
    for key, chosen in (("Home", 1), ("PageDown", 48), ("PageUp", 1), ("PageUp", 2), ("End", 48)):
        page.keyboard.press(key)
        settle(page)
        assert state_of(page)["chosen"] == chosen, key
    assert peak(page, "Generated point").get_attribute("aria-valuenow") == "48"


def choose(page, name: str, value: str) -> None:
    page.get_by_role("combobox", name=name).select_option(value)
    settle(page)


def test_problem_critic_and_training_are_chosen(opened):
    page = opened()
    choose(page, "problem", "gaussians")
    for kind in CriticPlane().made["kinds"]:
        choose(page, "critic", kind)
        wanted = CriticPlane(problem="gaussians", critic=kind).shown().numbers
        assert numbers_of(page)["fresh_certified"] == wanted["fresh_certified"], kind
    slider = page.get_by_role("slider", name="training")
    for moment, said in ((0, "untrained"), (1, "10 %"), (2, "30 %"), (3, "trained")):
        slider.fill(str(moment))
        settle(page)
        wanted = CriticPlane(problem="gaussians", critic=kind, moment=moment).shown().numbers
        assert numbers_of(page)["certified"] == wanted["certified"]
        assert slider.get_attribute("aria-valuetext") == said
    for ruler in ("straight line", "programme, highest"):
        choose(page, "critic", ruler)
        assert not slider.is_visible()
        assert numbers_of(page)["climb"] == pytest.approx(1, abs=1e-4)
        column = page.locator('output[data-quantity^="start_"]').all_inner_texts()
        assert column == ["–"] * 5


def test_training_points_and_fresh_points(opened):
    page = opened()
    fresh = lines_of(page, "critics-true")
    press(page, "Training points")
    explorer = CriticPlane(points="home")
    check_reading(page, explorer)
    shown = explorer.shown()
    wanted = np.hstack([placed(page, explorer, shown.generated + UNIT * k * shown.towards) for k in (0, 1)])
    assert lines_of(page, "critics-true") == pytest.approx(wanted, abs=0.11)
    assert np.abs(wanted - fresh).max() > 20
    here = page.locator("td.critics-here output").evaluate_all(
        "(all) => all.map((each) => each.dataset.quantity)"
    )
    assert here == ["raw", "certified", "transformed", "cosine", "length"]
    press(page, "Fresh points")
    here = page.locator("td.critics-here output").evaluate_all(
        "(all) => all.map((each) => each.dataset.quantity)"
    )
    assert here[0] == "fresh_raw" and lines_of(page, "critics-true") == pytest.approx(fresh)


def test_pits_have_no_arrow(opened):
    """On its training points the highest continuation sits in its own pits: no arrow, and it is said."""
    page = opened()
    choose(page, "critic", "programme, highest")
    assert len(lines_of(page, "critics-arrows")) == ARROWS - 1
    press(page, "Training points")
    assert page.locator("path.critics-arrows").get_attribute("d") == ""
    assert numbers_of(page)["cosine"] == 0 and "pit of its own cone" in words(page)
    check_reading(page, CriticPlane(critic="programme, highest", points="home"))


def test_four_switches_build_a_critic(opened):
    page = opened()
    assert not page.get_by_role("button", name="5 layers, not 2").is_visible()
    choose(page, "critic", PARTS)
    explorer, on = CriticPlane(critic=PARTS), {}
    for label, name in (
        ("orthonormal, not spectral", "orthonormal"),
        ("5 layers, not 2", "deep"),
        ("groups of 8, not 2", "eights"),
        ("64 units, not 32", "wide"),
    ):
        press(page, label)
        on[name] = True
        explorer = CriticPlane(critic=PARTS, **on)
        assert state_of(page)["name"] == explorer.named()
        assert numbers_of(page)["fresh_cosine"] == explorer.shown().numbers["fresh_cosine"]
        assert page.get_by_role("button", name=label).get_attribute("aria-pressed") == "true"
    assert explorer.named() == "5×64, groups of 8, orthonormal"
    press(page, "orthonormal, not spectral")
    assert state_of(page)["name"] == "5×64, groups of 8, spectral"
    press(page, "Reset")
    assert state_of(page)["critic"] == "gradient penalty" and state_of(page)["deep"] is False


def test_sentences_keep_to_the_numbers(opened):
    page, explorer = opened(), CriticPlane()
    base = {key: getattr(explorer, key) for key in CriticPlane.class_own_traits(sync=True)}
    made = explorer.made
    states = [
        base | {"problem": name, "critic": critic, "moment": moment, "points": points}
        for name in ("ring", "gaussians")
        for critic in [*made["kinds"], *made["rulers"], PARTS]
        for moment, points in ((0, "fresh"), (3, "home"))
    ]
    for asked, (state, numbers) in zip(states, rendered(page, explorer, states), strict=True):
        said = state["words"]
        assert "NaN" not in said and "undefined" not in said and "_" not in said
        home, fresh = numbers["certified"], numbers["fresh_certified"]
        assert f"{home:.1f} %".replace("-", "−") in said and f"{fresh:.1f} %".replace("-", "−") in said
        assert ("points less" in said) == (home > fresh), said
        if "has turned them away" in said:
            assert numbers["fresh_cosine"] < numbers["start_fresh_cosine"]
        if "a straight line proves more" in said:
            assert fresh < numbers["line_fresh_certified"]
        assert ("untrained" in said) or asked["moment"] or asked["critic"] in made["rulers"]
        renewed = asked["critic"].endswith("renewed")
        assert ("climbed on neither" in said) == ("on the others’ training points" in said) == renewed


def test_lengths_of_five_seeds_are_said_of_trained_kinds(opened):
    page, explorer = opened(), CriticPlane()
    base = {key: getattr(explorer, key) for key in CriticPlane.class_own_traits(sync=True)}
    made = explorer.made
    states = [
        base | {"problem": name, "critic": critic, "moment": moment}
        for name in ("ring", "gaussians")
        for critic in [*made["kinds"], "straight line", PARTS]
        for moment in (2, 3)
    ]
    for asked, (state, _) in zip(states, rendered(page, explorer, states), strict=True):
        own = made["lengths"][asked["problem"]].get(asked["critic"])
        if asked["moment"] < 3 or own is None:
            assert "five seeds" not in state["words"]
            continue
        ends = [sorted({f"{length[k]:.2f}" for k in (0, 2)}) for length in own]
        home, fresh = (" to ".join(pair) for pair in ends)
        assert state["words"].endswith(
            f" Over five seeds the arrows’ length is {home} at home and {fresh} at fresh points."
        )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_with_four_parts(opened, theme):
    page = opened(theme=theme)
    choose(page, "critic", PARTS)
    press(page, "Training points")
    page.mouse.move(0, 0)
    report = Axe().run(page, options={"preload": False})
    assert report.response["violations"] == [], report.generate_report()


@pytest.mark.parametrize("width", [320, 390])
def test_every_critic_fits_a_phone(opened, width):
    page = opened(width=width)
    for name in ("ring", "gaussians"):
        choose(page, "problem", name)
        for critic in (
            "clip 0.01",
            "clip 0.1, wide",
            "orthonormal, GroupSort, renewed",
            "programme, lowest",
            PARTS,
        ):
            choose(page, "critic", critic)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            cut = page.locator(".explorer-matrix :is(th, td)").evaluate_all(
                "(all) => all.filter((it) => it.scrollWidth > it.clientWidth).map((it) => it.textContent)"
            )
            assert cut == []
            control = page.get_by_role("combobox", name="critic")
            room, words = control.evaluate(
                """(node) => { const line = document.createElement('canvas').getContext('2d');
                  const [own, box] = [getComputedStyle(node), node.getBoundingClientRect()];
                  line.font = own.font;
                  return [box.width - parseFloat(own.paddingLeft) - parseFloat(own.paddingRight),
                    line.measureText(node.selectedOptions[0].text).width]; }"""
            )
            assert words + 18 < room  # beside the sign that it opens


def test_finger_moves_the_point_and_not_the_page(opened):
    page = opened(width=390, height=700, has_touch=True)
    node = peak(page, "Generated point")
    node.scroll_into_view_if_needed()
    top, box = page.evaluate("scrollY"), node.bounding_box()
    start = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    swipe(page, start, (start[0] + 90, start[1] + 60))
    settle(page)
    assert page.evaluate("scrollY") == top
    points, chosen = CriticPlane().shown().generated, state_of(page)["chosen"]
    gone = (points[chosen - 1] - points[0]) * [1, -1] * wide_of(page) / 6.4
    assert chosen != 1 and gone == pytest.approx([90, 60], abs=40)
