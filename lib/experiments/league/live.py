"""What is stored of the league's training as the chapter shows it: so many steps instead of a minute."""

import sys

import torch

from lib.experiments.league.chosen import RATE
from lib.experiments.league.judging import judge
from lib.experiments.league.problems import Funnels, published
from lib.experiments.league.recipe import BATCH, RECIPE, payoff
from lib.experiments.spread import Recipe, command

CHAPTER = "15_league_live"
SHAPE, STEPS = (8, 64), 150


def climb(seed: int, steps: int = STEPS) -> dict[str, float]:
    """All that `judge` asks of the recipe's critic after so many steps, its rates falling to 0."""
    problem = published(*SHAPE)
    light = Funnels(problem.centres.float(), problem.biases.float())
    torch.manual_seed(seed)
    critic = RECIPE.network(problem.dimension)
    draw = torch.Generator().manual_seed(seed)
    climbing = RECIPE.optimisers(critic, RATE)
    falls = [torch.optim.lr_scheduler.LinearLR(each, 1.0, 0.0, steps) for each in climbing]
    for _ in range(steps):
        loss = -payoff(critic, *light.sample(BATCH, draw), RECIPE.fine)
        critic.zero_grad()
        loss.backward()
        for each in (*climbing, *falls):
            each.step()
    return judge(critic.eval(), problem)


RECIPES = {
    "8, 64": Recipe(
        climb,
        f"The published problem of 8 dimensions and 64 funnels; {STEPS} steps at a rate that falls from"
        f" {RATE:g} to 0; judged at points that are fresh again.",
        resolution={"cosine": 0.01, "proves": 1.0, "reads": 1.0},
        limits={"cosine": (-1.0, 1.0), "proves": (-1e9, 100.0)},
        trivial={"cosine": 0.0, "proves": 0.0, "reads": 0.0},
        seeds=range(1, 6),
    )
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.league.live", RECIPES, sys.argv[1:])
