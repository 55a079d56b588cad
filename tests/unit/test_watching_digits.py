"""The maps of a small SAGAN: what is counted against tables made by hand, what is stored against its twin."""

import json

import numpy as np
import pytest
import torch

from lib.experiments import watching_digits
from lib.experiments.spread import load
from lib.experiments.watching_digits import (
    MOMENTS,
    PROTOCOL,
    SEEDS,
    SHOWN,
    looked_at,
    over_time,
    packed,
    places_that_count,
    queries_and_keys,
    table_of,
    unpacked,
    watched,
)
from lib.explorers.attention_map.film import DIGITS, MOVES, TRAINED


def spikes(places) -> torch.Tensor:
    """A table in which place j asks places[j] alone."""
    return torch.eye(64)[torch.as_tensor(places)][None]


def test_places_that_count():
    half = torch.zeros(1, 1, 64)
    half[..., :5] = 1 / 5
    assert places_that_count(half).item() == pytest.approx(5)
    assert places_that_count(torch.full((2, 64, 64), 1 / 64)).numpy() == pytest.approx(np.full((2, 64), 64))
    assert places_that_count(spikes(range(64))).numpy() == pytest.approx(np.ones((1, 64)))


def test_even_rows_give_even_shares():
    images = torch.rand(3, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    found = looked_at(torch.full((3, 64, 64), 1 / 64), images)
    for name in ("itself", "near", "mirror", "rim", "ink"):
        assert found[name] == pytest.approx(found[f"even_{name}"], abs=1e-6)
    assert (found["even_itself"], found["even_mirror"]) == (1 / 64, 1 / 64)
    assert (found["even_near"], found["even_rim"]) == (22**2 / 64**2, 28 / 64)
    assert found["own"] == found["told"] == pytest.approx(0, abs=1e-6)


def test_shares_of_tables_made_by_hand():
    images = -torch.ones(1, 1, 32, 32)
    images[..., 24:, :] = 1  # the lowest two rows of places hold all ink
    own = looked_at(spikes(range(64)), images)
    assert (own["itself"], own["near"], own["mirror"]) == (1, 1, 0)
    assert own["rim"] == 28 / 64 and own["ink"] == 1 / 4 and own["own"] == pytest.approx(63 / 64)
    mirrored = looked_at(spikes([8 * (j // 8) + 7 - j % 8 for j in range(64)]), images)
    assert (mirrored["itself"], mirrored["mirror"]) == (0, 1)
    assert mirrored["near"] == 1 / 4  # the two middle columns mirror into each other
    upside_down = looked_at(spikes([8 * (7 - j // 8) + j % 8 for j in range(64)]), images)
    assert upside_down["mirror"] == 0 and upside_down["near"] == 1 / 4
    beside = looked_at(spikes([8 * (j // 8) + min(j % 8 + 1, 7) for j in range(64)]), images)
    assert beside["near"] == 1 and beside["itself"] == 1 / 8
    inked = looked_at(spikes([60] * 64), images)
    assert inked["ink"] == 1 and inked["rim"] == 1 and inked["own"] == 0
    two = torch.cat([spikes([0] * 64), spikes([1] * 64)])
    assert looked_at(two, images.expand(2, -1, -1, -1))["told"] == pytest.approx(0.5)


@pytest.fixture(scope="module")
def played():
    training = torch.rand(40, 1, 32, 32, generator=torch.Generator().manual_seed(1)) * 2 - 1
    return watching_digits.start_digits(100, training, torch.arange(40) % 10, attention=True)


def test_queries_and_keys_make_the_table_of_the_block(played):
    images, entered, added = watching_digits.attending(played, torch.arange(6))
    assert images.shape == (6, 1, 32, 32) and torch.count_nonzero(added) == 0  # γ = 0
    block = next(m for m in played.generator.modules() if isinstance(m, watching_digits.SelfAttention))
    with torch.no_grad(), watching_digits.at_rest(played.generator):
        wanted = block.weights(30 * entered)
        queries, keys = queries_and_keys(played, 30 * entered)
    assert table_of(queries, keys).numpy() == pytest.approx(wanted.numpy(), abs=1e-5)
    assert keys.mean(dim=2).abs().max() < 1e-5 and places_that_count(wanted).min() < 50


def test_what_is_packed_comes_back_within_half_a_level():
    dice = torch.Generator().manual_seed(3)
    images = torch.rand(4, 1, 32, 32, generator=dice) * 2 - 1
    queries, keys = 3 * torch.randn(4, 4, 64, generator=dice), 0.2 * torch.randn(4, 4, 64, generator=dice)
    again, tables = unpacked(packed(images, queries, keys))
    away = np.abs(again - images[:, 0].numpy())
    assert away.max() <= 1 / 15 + 1e-6 and away.max() > 0.9 / 15
    assert tables.sum(axis=2) == pytest.approx(np.ones((4, 64)), abs=1e-12)
    wanted = table_of(queries.double(), keys.double()).numpy()
    assert np.abs(np.log(tables) - np.log(wanted)).max() < 0.06 and wanted.max() > 0.5
    nothing = unpacked(packed(images, 0 * queries, keys))[1]
    assert nothing == pytest.approx(np.full((4, 64, 64), 1 / 64))


def test_runs_that_are_done_are_kept(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(watching_digits, "STORED", tmp_path / "digits.json")
    monkeypatch.setattr(watching_digits, "_PARTIAL", tmp_path / "digits.partial")
    monkeypatch.setattr(watching_digits, "watch", lambda seed: asked.append(seed) or [{"looked": seed}])
    watching_digits.main([2])
    assert not (tmp_path / "digits.json").is_file()
    watching_digits.main(list(SEEDS))
    assert asked == [2, 1, 3] and not (tmp_path / "digits.partial").is_file()
    made = json.loads((tmp_path / "digits.json").read_text("utf-8"))
    assert [run["seed"] for run in made["runs"]] == [1, 2, 3]
    assert [run["looks"][0]["looked"] for run in made["runs"]] == [1, 2, 3]
    (tmp_path / "digits.partial").write_text('{"code": "of another time", "run": {"seed": 1}}\n')
    watching_digits.main([1])
    assert asked == [2, 1, 3, 1]


def test_the_file_belongs_to_the_recipe_and_is_whole():
    made = watched()
    assert made["protocol"] == PROTOCOL and set(made["provenance"]) >= {"code", "commit", "date", "software"}
    seeds = [run["seed"] for run in made["runs"]]
    assert seeds == list(TRAINED) and set(seeds) <= set(SEEDS)
    for run in made["runs"]:
        assert run["moves"] == list(MOMENTS) == list(MOVES) and SHOWN == DIGITS
        assert len(run["looks"]) == len(MOMENTS)
        for each in run["looks"]:
            images, tables = unpacked(each)
            assert images.shape == (len(SHOWN), 32, 32) and tables.shape == (len(SHOWN), 64, 64)
            assert tables.sum(axis=2) == pytest.approx(np.ones((len(SHOWN), 64)), abs=1e-12)


def test_after_300_moves_it_is_the_training_of_the_other_recipe():
    """Both recipes start from the same seeds; rounding on another machine may part them a little."""
    other = load("16_digits")["digits, attention"]
    at, own = MOMENTS.index(300), [SEEDS.index(seed) for seed in TRAINED]
    assert over_time("gamma")[:, at] == pytest.approx(other.values("gamma")[own], abs=2e-3)
    assert over_time("frechet")[:, at] == pytest.approx(other.values("frechet")[own], rel=0.05)


def test_the_pictures_that_are_kept_are_like_those_that_are_counted():
    """The four digits of each moment count places as the 898 do, on average; before training nearly all."""
    kept = [
        [places_that_count(torch.from_numpy(unpacked(each)[1])).mean().item() for each in run["looks"]]
        for run in watched()["runs"]
    ]
    assert np.array(kept) == pytest.approx(over_time("places"), abs=8)
    assert np.array(kept)[:, 0].min() > 63.5


def test_rows_begin_nearly_even_and_become_sharper():
    """What the page says, with room: in each training fewer places count in the end, behind a gate that has
    opened, and what is heard stays small."""
    places, gates = over_time("places"), np.abs(over_time("gamma"))
    assert places[:, 0].min() > 63 and (np.diff(places[:, :3]) < -1).all() and places[:, -1].max() < 56
    assert (
        (gates[:, 0] == 0).all() and (gates[:, -1] == gates.max(axis=1)).all() and gates[:, -1].min() > 0.05
    )
    assert over_time("heard").max() < 0.05 and (over_time("own")[:, -1] > 10 * over_time("own")[:, 0]).all()
    ink = over_time("ink")[:, -1]
    assert ink.min() < 0.24 < 0.26 < ink.max()  # on what they look at they do not agree
