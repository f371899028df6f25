"""Weights of NeuMF from a trained GMF and a trained MLP (He et al., WWW 2017, §3.4.1)."""

from __future__ import annotations

import torch

from musicrec.core.models.ncf import NCF


@torch.no_grad()
def start_from(neumf: NCF, gmf: NCF, mlp: NCF, alpha: float) -> None:
    """Give `neumf` the vectors and the tower of both, so that its logit is alpha · gmf + (1 - alpha) · mlp.

    The head becomes [alpha · h_gmf, (1 - alpha) · h_mlp], and so do the biases. All three have the same factors and
    layers.
    """
    size, both = neumf.gmf_size, neumf.vector_size
    for rows, of_gmf, of_mlp in (
        (neumf.listener_table.weight, gmf.listener_table.weight, mlp.listener_table.weight),
        (neumf.song_table.weight, gmf.song_table.weight, mlp.song_table.weight),
    ):
        rows[:, :size] = of_gmf[:, :size]
        rows[:, size:both] = of_mlp[:, : both - size]
        rows[:, both:] = alpha * of_gmf[:, size:] + (1 - alpha) * of_mlp[:, both - size :]
    neumf.hidden.load_state_dict(mlp.hidden.state_dict())
    neumf.head.weight[:, :size] = alpha * gmf.head.weight
    neumf.head.weight[:, size:] = (1 - alpha) * mlp.head.weight
    neumf.head.bias.copy_(alpha * gmf.head.bias + (1 - alpha) * mlp.head.bias)
