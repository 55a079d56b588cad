"""Generators and critics, encoders and decoders.

A generator turns latent vectors (b, k) into samples (b, *shape); a critic turns samples into scores (b,). An
encoder turns samples into codes (b, r), or into the mean and log variance of a Gaussian over codes; a decoder
turns codes into samples. `shape` is (d,) for points and (c, h, w) for images in [−1, 1]. Behind this door:
`perceptrons`; `convolutional`, a small pair for images; `conditional`, the networks of a conditional game;
`sngan` and `residual`, the networks of spectral normalisation; `sagan`, those of self-attention, and
`classwise`, how a class enters maps; `tables`, which prints a network row by row; `latents`, where latent
vectors come from; and `checks`, what each of them asks of a batch.
"""

from lib.networks.classwise import ConditionalBatchNorm2d, UpBlock
from lib.networks.conditional import (
    ConditionalBatchNorm,
    JoinedCritic,
    JoinedGenerator,
    ModulatedGenerator,
    ProjectionCritic,
)
from lib.networks.convolutional import ConvolutionalCritic, ConvolutionalGenerator
from lib.networks.latents import gaussian_latent
from lib.networks.perceptrons import (
    GaussianEncoder,
    PerceptronCritic,
    PerceptronDecoder,
    PerceptronEncoder,
    PerceptronGenerator,
    perceptron,
)
from lib.networks.residual import ResidualBlock, sngan_resnet_critic, sngan_resnet_generator
from lib.networks.sagan import (
    SelfAttentionCritic,
    SelfAttentionGenerator,
    sagan_critic,
    sagan_generator,
    stages,
)
from lib.networks.sngan import ImageCritic, ImageGenerator, sngan_critic, sngan_generator
from lib.networks.tables import Row, parameters, table

__all__ = [
    "ConditionalBatchNorm",
    "ConditionalBatchNorm2d",
    "ConvolutionalCritic",
    "ConvolutionalGenerator",
    "GaussianEncoder",
    "ImageCritic",
    "ImageGenerator",
    "JoinedCritic",
    "JoinedGenerator",
    "ModulatedGenerator",
    "PerceptronCritic",
    "PerceptronDecoder",
    "PerceptronEncoder",
    "PerceptronGenerator",
    "ProjectionCritic",
    "ResidualBlock",
    "Row",
    "SelfAttentionCritic",
    "SelfAttentionGenerator",
    "UpBlock",
    "gaussian_latent",
    "parameters",
    "perceptron",
    "sagan_critic",
    "sagan_generator",
    "sngan_critic",
    "sngan_generator",
    "sngan_resnet_critic",
    "sngan_resnet_generator",
    "stages",
    "table",
]
