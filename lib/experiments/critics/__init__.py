"""Critics of many kinds against the exact distance: problems, forms, training, judging, and what is stored.

`problems` (clouds whose distance is known), `forms` (networks and three critics to compare with), `training`,
`judging` (what a critic says and proves), `kinds` (the eight of the table), `factorial` (sixteen sorting
critics), `tuning`, `table` and `equal_steps` (the recipes of what is stored). A race of five seconds:
`entrants`, `climbing` (with looks on the way), and the recipes `rulers` (what can be proved at all),
`searching` and `racing`. `offered` and `pictures` make what the explorer shows.
"""

from lib.experiments.critics.kinds import KINDS, LIVE_STEPS
from lib.experiments.critics.training import train, untrained

__all__ = ["KINDS", "LIVE_STEPS", "train", "untrained"]
