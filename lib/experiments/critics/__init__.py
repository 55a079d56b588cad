"""Critics of many kinds against the exact distance: the problems, the kinds, and the stored table."""

from lib.experiments.critics.kinds import KINDS, LIVE_STEPS, train

__all__ = ["KINDS", "LIVE_STEPS", "train"]
