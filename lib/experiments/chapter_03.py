"""The trainings of chapter 3, as recipes: a denoiser, sparse autoencoders, gradients for binary codes."""

import sys
from collections.abc import Callable, Mapping
from copy import deepcopy
from itertools import islice, pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid, relu

from lib import data, laws, runtime
from lib.experiments.spread import Recipe, command

CHAPTER = "03_autoencoder_variants"
SEEDS = range(1, 7)
NATIVE = {
    "threads": (1,),
    "instructions": ("native",),
}  # every run stands for itself: no game amplifies rounding


def perceptron(*widths: int) -> nn.Sequential:
    """Affine layers between the given widths, softplus between them and none after the last."""
    layers = [part for pair in pairwise(widths) for part in (nn.Linear(*pair), nn.Softplus())]
    return nn.Sequential(*layers[:-1])


THREE_BELLS = laws.GaussianMixture([[-1.5, -0.5], [1.2, -0.8], [0.2, 1.3]], 0.35, [0.5, 0.3, 0.2])
NOISE = 0.5  # standard deviation of the corruption


def denoised(y: Tensor, law: laws.GaussianMixture = THREE_BELLS, noise: float = NOISE) -> Tensor:
    """E[x | y] for y = x + noise ε, as y + noise² ∇ log p(y), by autograd; shape of y."""
    blurred = laws.GaussianMixture(law.means, (law.scale**2 + noise**2) ** 0.5, law.weights)
    y = y.detach().requires_grad_()
    (score,) = torch.autograd.grad(blurred.log_density(y).sum(), y)
    return (y + noise**2 * score).detach()


def train_denoiser(seed: int, steps: int = 1500) -> tuple[nn.Module, nn.Module]:
    """Train a perceptron to undo the noise on fresh samples; the network before and after."""
    draw = runtime.seed(seed).torch
    network = perceptron(2, 64, 64, 2)
    untrained = deepcopy(network)
    descend = torch.optim.Adam(network.parameters(), lr=1e-2)
    decay = torch.optim.lr_scheduler.LinearLR(descend, 1.0, 0.02, total_iters=steps)
    for _ in range(steps):
        clean = THREE_BELLS.sample(256, draw)
        noisy = clean + NOISE * torch.randn(256, 2, generator=draw)
        loss = (clean - network(noisy)).square().sum(1).mean()
        descend.zero_grad()
        loss.backward()
        descend.step()
        decay.step()
    return untrained, network


def judge_denoiser(network: Callable[[Tensor], Tensor], points: int = 20_000) -> dict[str, float]:
    """The mean squared distance to E[x | y] at fresh noisy points, and the loss, of a map (n, 2) → (n, 2)."""
    draw = torch.Generator().manual_seed(10_000)
    clean = THREE_BELLS.sample(points, draw)
    noisy = clean + NOISE * torch.randn(points, 2, generator=draw)
    with torch.no_grad():
        made = network(noisy)
    best = denoised(noisy)
    return {
        "distance": (made - best).square().sum(1).mean().item(),
        "loss": (made - clean).square().sum(1).mean().item(),
        "best": (best - clean).square().sum(1).mean().item(),
    }


def run_denoiser(seed: int, steps: int = 1500) -> Mapping[str, float]:
    """Train and judge; `untrained: …` are the same quantities before the first step."""
    untrained, network = train_denoiser(seed, steps)
    before = {f"untrained: {name}": value for name, value in judge_denoiser(untrained).items()}
    return judge_denoiser(network) | before


ATOMS, SIZE, ACTIVE = 12, 8, 2
LAMBDA = 0.1  # weight of the L1 penalty
DECAY = LAMBDA * ACTIVE / ATOMS / 2  # balances the penalty at the true atoms, where a code has mean 1/6
STEPS = 2000
CLOSINGS = ("nothing", "open", "columns", "decay", "tied", "top")


def true_atoms() -> Tensor:
    """Twelve fixed directions of length 1 in eight dimensions, as columns (8, 12)."""
    atoms = torch.randn(SIZE, ATOMS, generator=torch.Generator().manual_seed(0))
    return atoms / atoms.norm(dim=0)


def sparse_points(n: int, draw: torch.Generator) -> tuple[Tensor, Tensor]:
    """Points (n, 8), sums of two atoms with coefficients uniform on [½, 3/2], and their codes (n, 12)."""
    places = torch.rand(n, ATOMS, generator=draw).topk(ACTIVE, dim=1).indices
    codes = torch.zeros(n, ATOMS).scatter(1, places, 0.5 + torch.rand(n, ACTIVE, generator=draw))
    return codes @ true_atoms().T, codes


class SparseAutoencoder(nn.Module):
    """a = relu(E x + b), x̃ = W a + c, with twelve units; `closing`, one of `CLOSINGS`, says what W may do.

    "nothing": no penalty; "open": L1 alone; "columns": L1, and the columns of W have length 1; "decay": L1,
    and W pays for its square; "tied": L1, and E = Wᵀ; "top": no penalty, but only the two largest units stay.
    """

    def __init__(self, closing: str):
        super().__init__()
        self.closing = closing
        self.encoder, self.decoder = nn.Linear(SIZE, ATOMS), nn.Linear(ATOMS, SIZE)
        with torch.no_grad():
            self.decoder.weight /= self.decoder.weight.norm(dim=0)
            self.encoder.weight.copy_(self.decoder.weight.T)

    def columns(self) -> Tensor:
        """The directions (8, 12) that the decoder adds up."""
        weight = self.decoder.weight
        return weight / weight.norm(dim=0) if self.closing == "columns" else weight

    def encode(self, x: Tensor) -> Tensor:
        """Codes (n, 12), none negative."""
        weight = self.decoder.weight.T if self.closing == "tied" else self.encoder.weight
        code = relu(x @ weight.T + self.encoder.bias)
        if self.closing == "top":
            code = code * torch.zeros_like(code).scatter(1, code.topk(ACTIVE, dim=1).indices, 1.0)
        return code

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Codes and reconstructions."""
        code = self.encode(x)
        return code, code @ self.columns().T + self.decoder.bias

    def cost(self, x: Tensor) -> Tensor:
        """What training descends."""
        code, made = self(x)
        error = (x - made).square().sum(1).mean()
        taxed = 0.0 if self.closing in ("nothing", "top") else LAMBDA
        decay = DECAY if self.closing == "decay" else 0.0
        return error + taxed * code.abs().sum(1).mean() + decay * self.decoder.weight.square().sum()


def train_sparse(seed: int, closing: str, steps: int = STEPS) -> SparseAutoencoder:
    """Train one of the six on fresh points; all six start alike and see the same points."""
    draw = runtime.seed(seed).torch
    autoencoder = SparseAutoencoder(closing)
    descend = torch.optim.Adam(autoencoder.parameters(), lr=1e-2)
    decay = torch.optim.lr_scheduler.LinearLR(descend, 1.0, 0.05, total_iters=steps)
    for _ in range(steps):
        x, _ = sparse_points(128, draw)
        descend.zero_grad()
        autoencoder.cost(x).backward()
        descend.step()
        decay.step()
    return autoencoder


@torch.no_grad()
def judge_sparse(autoencoder: SparseAutoencoder, points: int = 10_000) -> dict[str, float]:
    """Error, L1, length of the columns, units that contribute, and true atoms found, at fresh points.

    A unit contributes to a point when it moves the reconstruction by more than 0.05; an atom is found when a
    column has a cosine of more than 0.95 with it. Neither changes when codes shrink and columns grow.
    """
    x, _ = sparse_points(points, torch.Generator().manual_seed(10_000))
    code, made = autoencoder(x)
    columns = autoencoder.columns()
    lengths = columns.norm(dim=0)
    cosines = true_atoms().T @ (columns / lengths)
    return {
        "error": (x - made).square().sum(1).mean().item(),
        "l1": code.abs().sum(1).mean().item(),
        "length": lengths.mean().item(),
        "squares": columns.square().sum().item(),
        "units": (code * lengths > 0.05).float().sum(1).mean().item(),
        "found": (cosines.max(dim=1).values > 0.95).float().sum().item(),
    }


def run_sparse(seed: int, steps: int = STEPS) -> Mapping[str, float]:
    """All six, trained and judged; quantities `closing: quantity`."""
    scores = {}
    for closing in CLOSINGS:
        judged = judge_sparse(train_sparse(seed, closing, steps))
        scores |= {f"{closing}: {quantity}": value for quantity, value in judged.items()}
    judged = judge_sparse(train_sparse(seed, "nothing", 0))
    return scores | {f"untrained: {quantity}": value for quantity, value in judged.items()}


BITS = 8
ESTIMATORS = ("exact", "score function", "straight-through", "relaxed")
RATES = {"exact": 3e-3, "score function": 3e-3, "straight-through": 1e-2, "relaxed": 3e-3}
TEMPERATURE = 0.5


def all_codes(bits: int = BITS) -> Tensor:
    """Every binary code, shape (2^bits, bits)."""
    return ((torch.arange(2**bits)[:, None] >> torch.arange(bits)) & 1).float()


class BinaryAutoencoder(nn.Module):
    """An encoder to 8 probabilities, a decoder of 8 bits: 64 → 64 → 8 and 8 → 64 → 64, softplus between."""

    def __init__(self):
        super().__init__()
        self.encoder = perceptron(64, 64, BITS)
        self.decoder = perceptron(BITS, 64, 64)

    def expected(self, x: Tensor) -> Tensor:
        """E over the codes of ‖x − D(code)‖², exactly, by enumeration; shape (n,)."""
        logits, codes = self.encoder(x), all_codes()
        log_probability = logsigmoid(logits) @ codes.T + logsigmoid(-logits) @ (1 - codes).T
        return (log_probability.exp() * torch.cdist(x, self.decoder(codes)).square()).sum(1)

    def cost(self, x: Tensor, estimator: str, draw: torch.Generator) -> Tensor:
        """A scalar whose gradient is that of the expected error, or estimates it from one draw per image."""
        if estimator == "exact":
            return self.expected(x).mean()
        logits = self.encoder(x)
        uniform = torch.rand(logits.shape, generator=draw).clamp(1e-6, 1 - 1e-6)
        if estimator == "relaxed":
            soft = ((logits + uniform.logit()) / TEMPERATURE).sigmoid()
            return (x - self.decoder(soft)).square().sum(1).mean()
        soft = logits.sigmoid()
        hard = (uniform < soft).float()
        if estimator == "straight-through":
            return (x - self.decoder(soft + (hard - soft).detach())).square().sum(1).mean()
        error = (x - self.decoder(hard)).square().sum(1)
        log_probability = (logsigmoid(logits) * hard + logsigmoid(-logits) * (1 - hard)).sum(1)
        others = (error.sum() - error).detach() / (
            len(x) - 1
        )  # the mean error of the other images: a baseline
        return (error + (error.detach() - others) * log_probability).mean()


def split_digits() -> tuple[Tensor, Tensor]:
    """The digits as rows of 64 pixels: every second one to train on, the others to judge by."""
    images = data.digits().images.flatten(1)
    return images[0::2], images[1::2]


def train_binary(
    seed: int, training: Tensor, estimator: str, steps: int = 1200, rate: float | None = None
) -> BinaryAutoencoder:
    """Train with one of the four gradients; all four start alike and see the same batches."""
    draw = runtime.seed(seed).torch
    autoencoder, noise = BinaryAutoencoder(), torch.Generator().manual_seed(seed)
    descend = torch.optim.Adam(autoencoder.parameters(), lr=RATES[estimator] if rate is None else rate)
    decay = torch.optim.lr_scheduler.LinearLR(descend, 1.0, 0.02, total_iters=max(steps, 1))
    for (x,) in islice(data.batches(training, size=64, generator=draw), steps):
        descend.zero_grad()
        autoencoder.cost(x, estimator, noise).backward()
        descend.step()
        decay.step()
    return autoencoder


@torch.no_grad()
def judge_binary(autoencoder: BinaryAutoencoder, images: Tensor) -> dict[str, float]:
    """The exact expected error per image, and how many of the 256 codes are the likeliest of some image."""
    likeliest = (autoencoder.encoder(images) > 0).unique(dim=0)
    return {"error": autoencoder.expected(images).mean().item(), "codes": float(len(likeliest))}


def run_binary(seed: int, steps: int = 1200) -> Mapping[str, float]:
    """All four, trained on half of the digits and judged on the other; quantities `gradient: quantity`."""
    training, held_out = split_digits()
    scores = {}
    for estimator in ESTIMATORS:
        judged = judge_binary(train_binary(seed, training, estimator, steps), held_out)
        scores |= {f"{estimator}: {quantity}": value for quantity, value in judged.items()}
    return scores


RECIPES = {
    "denoiser": Recipe(
        run_denoiser,
        "three bells in the plane, Gaussian noise of size 0.5; a perceptron 2–64–64–2, 1 500 Adam steps of"
        " 256 fresh pairs, the rate falling from 1e-2 to 2e-4; judged at 20 000 fresh noisy points",
        resolution={},
        limits={"distance": (0.0, 1e9)},
        trivial={"distance": 0.165},  # the best affine map
        settings=NATIVE,
        seeds=SEEDS,
    ),
    "sparse": Recipe(
        run_sparse,
        f"sums of two of twelve atoms in eight dimensions; {STEPS} Adam steps of 128 fresh points, the rate"
        f" falling from 1e-2 to 5e-4; λ = {LAMBDA}; judged at 10 000 fresh points",
        resolution={},
        limits={f"{closing}: length": (0.0, 1e9) for closing in CLOSINGS},
        trivial=dict.fromkeys((f"{closing}: length" for closing in CLOSINGS), 1.0),  # where all begin
        settings=NATIVE,
        seeds=SEEDS,
    ),
    "binary": Recipe(
        run_binary,
        "eight binary codes of every second of the 1 797 scikit-learn digits (8×8); 1 200 Adam steps of 64"
        f" images; rates {', '.join(f'{rate:g} ({name})' for name, rate in RATES.items())}, each the best of"
        " 1e-3, 3e-3 and 1e-2 in the mean training error of seeds 101–103, falling to a fiftieth; the error"
        " by enumeration, on the other digits",
        resolution={},
        limits={f"{estimator}: error": (0.0, 1e9) for estimator in ESTIMATORS},
        trivial=dict.fromkeys((f"{estimator}: error" for estimator in ESTIMATORS), 18.82),  # the mean image
        settings=NATIVE,
        seeds=SEEDS,
    ),
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_03", RECIPES, sys.argv[1:])
