"""The library behind *Generative Adversarial Networks from First Principles*.

One file per noun of the field; imports go down only. The chapters show the mathematics, this package holds
what would distract from it, and the tests prove that the two agree.
"""

__version__ = "0.1.0"
