"""How sharp are a chapter's checks? Change its cells in one place at a time and see what notices.

    python tests/sensitivity 12                     one chapter (`make sensitivity CHAPTER=12`)
    python tests/sensitivity 12 --cells norms,rank  some of its cells, and only what they need
    python tests/sensitivity 12 --planted           the planted faults of that chapter instead, in seconds
    python tests/sensitivity --sample               a few changes of every chapter, as `make test` does

red: a claim or an assertion failed, as it should. crash: another exception. undecided: the time ran out.
survived: nothing noticed. Either a check cannot see the change, or it changes nothing that matters: such are
judged by hand in tests/faults/judged_NN.toml. Too small a share noticed fails the command.
"""

import argparse
import os
import sys

os.environ["OMP_NUM_THREADS"] = "1"  # a forked child must not wait for threads that stayed with its parent
os.environ["MPLBACKEND"] = "Agg"

import judged
import measuring

SAMPLE, SEED = 8, 20140610


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("chapter", type=int, nargs="?", help="its number")
    parser.add_argument("--cells", default="", help="ids of cells, with commas between them")
    parser.add_argument("--planted", action="store_true", help="the planted faults instead of small changes")
    parser.add_argument(
        "--sample", action="store_true", help=f"{SAMPLE} changes in every chapter's sample cells"
    )
    parser.add_argument("--budget", type=int, default=20, help="computing seconds for one change")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="changes side by side")
    options = parser.parse_args()
    if options.sample == (options.chapter is not None):
        parser.error("give the number of a chapter, or --sample")
    return options


def one_chapter(number: int, options: argparse.Namespace) -> bool:
    """Measure one chapter, report, and say whether enough was noticed."""
    known = judged.read(number)
    names = known.sample if options.sample else tuple(filter(None, options.cells.split(",")))
    pick = (SAMPLE, SEED) if options.sample else None
    trial = measuring.Measurement(number, names, options.jobs, options.budget)
    outcomes = trial.planted() if options.planted else trial.small_changes(pick)
    # what is left of a sample must have been judged, one by one; a fault that somebody planted, always
    share = 1.0 if options.sample or options.planted else known.threshold
    whole = not (options.sample or options.planted)
    return measuring.report(trial.notebook.stem, outcomes, known, share, whole)


def main() -> int:
    """Measure what was asked for; 1 where a chapter's checks are not sharp enough."""
    options = arguments()
    chapters = judged.numbers() if options.sample else [options.chapter]
    sharp = [one_chapter(number, options) for number in chapters]
    return 0 if sharp and all(sharp) else 1


if __name__ == "__main__":
    sys.exit(main())
