"""The eyes of the quality measures: a small classifier, trained on the very data set that is to be generated.

Pixels are a poor space for comparing images: a digit moved by one pixel is far from itself, and the grey
average of many digits is close to all of them. The last hidden layer of a classifier keeps what tells digits
apart and drops most of the rest. Published scores use a large network trained on photographs; this one is
small, trained in seconds and knows one data set. Its numbers are therefore comparable only with numbers from
the same network, which `FeatureNetwork.digest` identifies.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from lib.arguments import float_tensor, refusal, torch_generator

STEPS, BATCH, LEARNING_RATE, WEIGHT_DECAY = 1500, 128, 2e-3, 1e-2


@dataclass(frozen=True)
class FeatureNetwork:
    """A trained classifier whose last hidden layer serves as the space in which images are compared.

    `accuracy` is the share of right labels on the fifth of the data held out from training. `digest` is the
    first 12 hexadecimal digits of the sha256 of the float32 weights: equal digests mean equal features.
    Weights from the same seed on another processor differ in the last bits, so their digests differ too,
    though their scores nearly agree. `shape` is the (c, h, w) it was trained on.
    """

    body: nn.Sequential
    head: nn.Linear
    shape: tuple[int, int, int]
    accuracy: float
    digest: str

    @torch.no_grad()
    def features(self, images: Any) -> Float[Tensor, "n k"]:
        """Activations of the last hidden layer, with its non-linearity.

        images: floats in [-1, 1], (n, c, h, w), with the (c, h, w) of training. Returns float32 (n, k) with
        k = 64, on the network's device, without gradient. Raises ValueError or TypeError for other images.
        """
        checked = _checked_images("images", images)
        if tuple(checked.shape[1:]) != self.shape:
            expected = f"(n, {', '.join(map(str, self.shape))}) as in training"
            remedy = "resize the images, or train a feature network on images of their size"
            raise ValueError(refusal("images", f"shape {tuple(images.shape)}", expected, remedy))
        return self.body(checked.to(self.head.weight.device).flatten(1))

    @torch.no_grad()
    def predict(self, images: Any) -> Int64[Tensor, " n"]:
        """The most likely class of each image: labels (n,), int64; takes and raises what `features` does."""
        return self.head(self.features(images)).argmax(dim=1)


def feature_network(images: Any, labels: Any, generator: Any) -> FeatureNetwork:
    """Train the classifier whose last hidden layer will judge generated images.

    A perceptron c·h·w -> 128 -> 64 -> classes, cross-entropy, 1500 AdamW steps of 128 images; under a second
    on one core for 8x8 images. A random fifth of the data is held out for `accuracy`. Everything random
    (split, initial weights, batches) is drawn from `generator`; the global random state is neither read nor
    changed.

    images: floats in [-1, 1], (n, c, h, w), n >= 20; labels: int64 (n,), at least two classes counted from 0,
    and fewer than there are images.
    Raises ValueError or TypeError for images or labels of another kind, with what came and what was expected.
    Idea: Heusel et al. 2017, with a network trained on the data set itself in place of Inception-v3.
    """
    torch_generator("generator", generator)
    images = _checked_images("images", images)
    shape, pixels = tuple(images.shape[1:]), images.flatten(1)
    labels = _checked_labels(labels, len(pixels)).to(pixels.device)
    order = torch.randperm(len(pixels), generator=generator, device=generator.device).to(pixels.device)
    held_out, training = order[: len(order) // 5], order[len(order) // 5 :]
    body, head = _perceptron(pixels.shape[1], int(labels.max()) + 1, generator)
    body, head = body.to(pixels.device), head.to(pixels.device)
    _fit(nn.Sequential(body, head), pixels[training], labels[training], generator)
    with torch.no_grad():
        right = head(body(pixels[held_out])).argmax(dim=1) == labels[held_out]
    return FeatureNetwork(body, head, shape, right.float().mean().item(), _digest(body, head))


def _perceptron(inputs: int, classes: int, generator: torch.Generator) -> tuple[nn.Sequential, nn.Linear]:
    # skip_init: the usual constructor would draw its weights from the global random state.
    sizes = ((inputs, 128), (128, 64), (64, classes))
    layers = [
        nn.utils.skip_init(nn.Linear, before, after, device=generator.device) for before, after in sizes
    ]
    for layer in layers:
        nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu", generator=generator)
        nn.init.zeros_(layer.bias)
    first, second, head = layers
    return nn.Sequential(first, nn.ReLU(), second, nn.ReLU()), head


@torch.enable_grad()
def _fit(
    model: nn.Module, pixels: Float[Tensor, "n p"], labels: Int64[Tensor, " n"], generator: torch.Generator
) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    where = generator.device
    batches = torch.randint(len(pixels), (STEPS, BATCH), generator=generator, device=where).to(pixels.device)
    for batch in batches:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(pixels[batch]), labels[batch]).backward()
        optimizer.step()
    model.requires_grad_(False)


def _digest(*modules: nn.Module) -> str:
    digest = hashlib.sha256()
    for module in modules:
        for parameter in module.parameters():
            digest.update(parameter.detach().cpu().numpy().astype("<f4").tobytes())
    return digest.hexdigest()[:12]


def _checked_images(name: str, images: Any) -> Float[Tensor, "n c h w"]:
    if not isinstance(images, Tensor):
        float_tensor(name, images, "images (n, c, h, w)")
    shape = tuple(images.shape)
    if images.ndim != 4 or images.numel() == 0:
        remedy = "reshape(-1, c, h, w) for flat images"
        raise ValueError(refusal(name, f"shape {shape}", "a non-empty (n, c, h, w)", remedy))
    if shape[1] not in (1, 3) and shape[3] in (1, 3):
        got = f"shape {shape}, channels last"
        raise ValueError(refusal(name, got, "(n, c, h, w)", f"{name}.permute(0, 3, 1, 2)"))
    if images.is_floating_point() and (broken := int((~images.isfinite()).sum())):
        got = f"{broken} values that are NaN or infinite, of {images.numel()}"
        raise ValueError(refusal(name, got, "none", "look for divergence in the generator's training"))
    low, high = images.min().item(), images.max().item()
    if not images.is_floating_point() or low < -1.0 - 1e-6 or high > 1.0 + 1e-6:
        got = f"{images.dtype} with values from {low:g} to {high:g}"
        remedy = "images.float() / 127.5 - 1 for bytes, clamp(-1, 1) after noise was added"
        raise ValueError(refusal(name, got, "floats in [-1, 1]", remedy))
    return images.detach().float()


def _checked_labels(labels: Any, n: int) -> Int64[Tensor, " n"]:
    if not isinstance(labels, Tensor):
        expected, remedy = f"a tensor of int64 ({n},)", "torch.as_tensor(labels)"
        raise TypeError(refusal("labels", type(labels).__name__, expected, remedy))
    if labels.shape != (n,):
        expected = f"({n},), one label for each image"
        remedy = "squeeze(1) for a column, argmax(dim=1) for one-hot rows"
        raise ValueError(refusal("labels", f"shape {tuple(labels.shape)}", expected, remedy))
    if labels.dtype != torch.int64:
        raise TypeError(refusal("labels", labels.dtype, "class numbers in int64", "labels.long()"))
    if n < 20:
        expected = "at least 20, since a fifth of them is held out"
        raise ValueError(refusal("images", f"{n} rows", expected, "more images"))
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or not 1 <= high < n:  # a network has as many outputs as there are numbers up to the largest
        expected = f"two classes or more, counted from 0, and fewer than the {n} images"
        remedy = "torch.unique(labels, return_inverse=True)[1] counts the classes that there are"
        raise ValueError(refusal("labels", f"numbers from {low} to {high}", expected, remedy))
    return labels
