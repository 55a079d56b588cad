"""What the traits of several explorers have in common."""


def within(name: str, value: float | int, low: float | int, high: float | int) -> float | int:
    """`value` itself where low <= value <= high; else, and for nan, ValueError naming the trait `name`."""
    if not low <= value <= high:
        raise ValueError(
            f"{name}: got {value}, expected a number in [{low}, {high}]. Remedy: move it inside."
        )
    return value
