"""What every refusal of the library has to say, whatever the words: the argument, what came, and the remedy."""

import contextlib
import re
from collections.abc import Iterator

import pytest


@contextlib.contextmanager
def refused(kind: type[Exception], name: str, value: object = "", remedy: str = "") -> Iterator[None]:
    """The block raises `kind` with a message `name: got …, expected …. Remedy: …`.

    `value` and `remedy` are pieces that the part after "got" and the part after "Remedy:" must contain.
    """
    with pytest.raises(kind) as raised:
        yield
    said = re.fullmatch(
        r"(?s)(?P<name>[^:]*): got (?P<value>.*?), expected .+?\. Remedy: (?P<remedy>.+)", str(raised.value)
    )
    assert said, f"the message has another form: {raised.value}"
    assert name in said["name"].split(", "), str(raised.value)
    assert str(value) in said["value"] and remedy in said["remedy"], str(raised.value)
