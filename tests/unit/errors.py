"""The house's dialect of refusals, met by its parts and not by its English: name, value, remedy."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

DIALECT = re.compile(
    r"(?P<name>[^:]+): got (?P<got>.+?), expected (?P<expected>.+?)\. Remedy: (?P<remedy>.+)", re.S
)


@contextmanager
def refused(error: type[Exception], name: str, *said: object, remedy: str = "") -> Iterator[None]:
    """Something inside must raise `error` in the house's dialect: "name: got …, expected …. Remedy: …."

    `name` is the argument's, or one of those named. Each of `said` occurs after the name, as the value that
    came, as what was expected or in the remedy; `remedy` occurs in the remedy.
    """
    with pytest.raises(error) as caught:
        yield
    message = str(caught.value)
    parts = DIALECT.fullmatch(message)
    assert parts, f"not in the dialect of the house: {message}"
    assert name == parts["name"] or name in parts["name"].split(", "), message
    after = message.removeprefix(parts["name"])
    assert not [each for each in said if str(each) not in after], message
    assert remedy in parts["remedy"], message
