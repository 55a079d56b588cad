"""A decoder as data: what the page needs to run it, taken from a torch module."""

import numpy as np
import torch
from torch import Tensor, nn

_KNOWN = {
    nn.Identity: "identity",
    nn.ReLU: "relu",
    nn.LeakyReLU: "leaky_relu",
    nn.Tanh: "tanh",
    nn.Sigmoid: "sigmoid",
    nn.Softplus: "softplus",
}
_SHAPES = (nn.Flatten, nn.Unflatten)
_WEIGHTS = 12_000
_FUNCTIONS = {
    "identity": lambda h: h,
    "relu": lambda h: np.maximum(h, 0),
    "leaky_relu": lambda h: np.where(h > 0, h, 0.2 * h),
    "tanh": np.tanh,
    "sigmoid": lambda h: 1 / (1 + np.exp(-h)),
    "softplus": lambda h: np.logaddexp(0, h),
}


def plane_model(name: str, decoder: nn.Module, codes, deviations=None, decimals: int = 4) -> dict:
    """What the explorer needs of a model: its name, the codes (n, 2) of the pictures, and its decoder.

    `decoder` is made of `nn.Linear`, one kind of activation between them, and perhaps one more at the end;
    its weights are rounded to `decimals` digits, which keeps a page small. `deviations` (n, 2) are the
    standard deviations of the codes where the encoder gives them.

    Raises TypeError for a module of another kind, ValueError for what does not fit a plane.
    """
    linear, between, output = _taken_apart(decoder)
    layers = [
        {
            "rows": each.out_features,
            "columns": each.in_features,
            "weight": _rounded(each.weight.flatten(), decimals),
            "bias": _rounded(torch.zeros(each.out_features) if each.bias is None else each.bias, decimals),
        }
        for each in linear
    ]
    made = {
        "name": name,
        "codes": _rounded(codes, decimals),
        "deviations": [] if deviations is None else _rounded(deviations, decimals),
        "layers": layers,
        "between": between,
        "output": output,
    }
    checked([made])
    given = torch.tensor(made["codes"][:9]).to(linear[0].weight)
    with torch.no_grad():
        wanted = decoder(given).flatten(1).cpu().numpy()
    if not np.allclose(decoded(made, np.array(made["codes"][:9])), wanted, atol=0.05):
        raise ValueError(
            f"decoder of {name!r}: got other images from its layers, one after the other, than from itself,"
            " expected the same. Remedy: a plain chain of layers."
        )
    return made


def checked(models: list[dict]) -> list[dict]:
    """`models` itself; ValueError for a model that a page could not show."""
    if not 1 <= len(models) <= 2:
        raise ValueError(f"models: got {len(models)}, expected 1 or 2. Remedy: a list of plane_model(…).")
    for model in models:
        name, layers = model.get("name"), model["layers"]
        for given in ("codes", "deviations"):
            rows = np.array(model[given], dtype=float)
            empty = given == "deviations" and rows.size == 0
            if not empty and (rows.shape != (len(model["codes"]), 2) or not np.isfinite(rows).all()):
                raise ValueError(
                    f"{given} of {name!r}: got shape {rows.shape}, expected (n, 2) of finite numbers."
                    " Remedy: a plane takes codes of two numbers."
                )
        if (np.array(model["deviations"]) < 0).any():
            raise ValueError(
                f"deviations of {name!r}: got a negative one, expected standard deviations."
                " Remedy: (v / 2).exp()."
            )
        widths = [2, *(each["rows"] for each in layers)]
        if [each["columns"] for each in layers] != widths[:-1]:
            raise ValueError(
                f"layers of {name!r}: got inputs {[each['columns'] for each in layers]},"
                f" expected {widths[:-1]}."
                " Remedy: a decoder of two numbers, each layer as wide as the one before puts out."
            )
        weights = sum(len(each["weight"]) for each in layers)
        if weights > _WEIGHTS:
            raise ValueError(
                f"layers of {name!r}: got {weights} weights, expected at most {_WEIGHTS}."
                " Remedy: hidden layers of 64."
            )
    return models


def decoded(model: dict, codes: np.ndarray) -> np.ndarray:
    """The decoder at codes (k, 2), in float64: (k, pixels)."""
    values = codes
    for index, layer in enumerate(model["layers"]):
        weight = np.array(layer["weight"]).reshape(layer["rows"], layer["columns"])
        heights = values @ weight.T + np.array(layer["bias"])
        last = index + 1 == len(model["layers"])
        values = _FUNCTIONS[model["output" if last else "between"]](heights)
    return values


def _taken_apart(decoder: nn.Module) -> tuple[list[nn.Linear], str, str]:
    """The linear layers, the name of what stands between them, and of what stands after the last."""
    # One activation that stands in several places is met in each of them.
    every = [each for _, each in decoder.named_modules(remove_duplicate=False)]
    parts = [each for each in every if not list(each.children()) and not isinstance(each, _SHAPES)]
    linear = [each for each in parts if isinstance(each, nn.Linear)]
    between, output = set(), "identity"
    for before, each in zip([None, *parts], parts, strict=False):
        if isinstance(each, nn.Linear):
            continue
        kind = _KNOWN.get(type(each))
        if kind is None or (kind == "leaky_relu" and each.negative_slope != 0.2):
            raise TypeError(
                f"decoder: got {each}, expected one of {', '.join(_KNOWN.values())}. Remedy: one of them."
            )
        if before is linear[-1]:
            output = kind
        else:
            between.add(kind)
    if len(between) > 1:
        raise TypeError(
            f"decoder: got {sorted(between)} between its layers, expected one kind. Remedy: one kind."
        )
    return linear, (between or {"identity"}).pop(), output


def _rounded(values, decimals: int) -> list:
    array = values.detach().cpu().numpy() if isinstance(values, Tensor) else np.asarray(values)
    return np.round(array.astype(float), decimals).tolist()
