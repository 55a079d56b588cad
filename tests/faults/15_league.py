"""Faults in the league of chapter 15: a slide the wrong way, a fine on the wrong side, stale points."""

from faults.planting import FRESH, Fault, edit, in_code

CHAPTER = "chapters/15_how_good_is_a_critic.ipynb"
LEAGUE = "tests/unit/test_league.py"
ROOM = "lib/experiments/league/"

FAULTS = (
    Fault(
        "points_slide_past_the_rim",
        ROOM + "problems.py",
        edit("(radius / length).clamp(max=1) ** DEGREE * length", "(length / radius) ** DEGREE * length"),
        (LEAGUE,),
    ),
    Fault(
        "rays_end_at_the_wall_only",
        ROOM + "problems.py",
        edit(
            "crosses = (t > 0) & (t > -rise)",
            "crosses = (t > 0) & (t < -rise)",
        ),
        (LEAGUE,),
    ),
    Fault(
        "gradient_away_from_the_centre",
        ROOM + "problems.py",
        edit(
            "self.centres[self._heights(points).argmin(dim=1)] - points",
            "points - self.centres[self._heights(points).argmin(dim=1)]",
        ),
        (LEAGUE,),
    ),
    Fault(
        "league_fine_on_both_sides",
        ROOM + "recipe.py",
        edit("return (lengths - 1).clamp_min(0).square()", "return (lengths - 1).square()"),
        (LEAGUE, FRESH),
    ),
    Fault(
        "league_fine_without_its_graph",
        ROOM + "recipe.py",
        edit(
            "torch.autograd.grad(scores.sum(), points, create_graph=True)",
            "torch.autograd.grad(scores.sum(), points, retain_graph=True)",
        ),
        (LEAGUE,),
    ),
    Fault(
        "rates_that_do_not_fall",
        ROOM + "recipe.py",
        edit('group["lr"] = full * (1 - spent / seconds)', 'group["lr"] = full'),
        (LEAGUE,),
    ),
    Fault(
        "last_layer_to_muon",
        ROOM + "recipe.py",
        edit("if weight.ndim == 2 and weight is not last]", "if weight.ndim == 2]"),
        (LEAGUE,),
    ),
    Fault(
        "share_of_another_distance",
        ROOM + "judging.py",
        edit(
            "100 * proof.bound / fresh.distance",
            "100 * proof.bound / (points - truth).norm(dim=1).mean().item()",
        ),
        (LEAGUE,),
    ),
    Fault(
        "cosine_with_the_wrong_sign",
        CHAPTER,
        in_code(
            "cosine_similarity(field(z.double()), right)", "cosine_similarity(-field(z.double()), right)"
        ),
        (FRESH,),
    ),
    Fault(
        "funnels_added_up",
        CHAPTER,
        in_code("(torch.cdist(z, a) + b).amin(dim=1)", "(torch.cdist(z, a) - b).amin(dim=1)"),
        (FRESH,),
    ),
    Fault(
        "fine_of_the_page_on_both_sides",
        CHAPTER,
        in_code(
            "(slope.norm(dim=1) - 1).clamp_min(0).square().mean()", "(slope.norm(dim=1) - 1).square().mean()"
        ),
        (FRESH,),
    ),
)
