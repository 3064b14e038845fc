"""A body model as a torch module for training: joints without a mesh, and the mesh.

Rotation matrices go in, so that gradients meet no axis-angle. The joints are exactly those that
:func:`worker.fitting.skin.posed_joints` gives; the mesh is SMPL's linear blend skinning with the
pose correctives that the model has.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from backend.multiview.bodies.model_file import JOINTS, PARENTS, BodyModel
from worker.fitting.rig import basis_of


class TorchBody(nn.Module):
    """A body model, batched and differentiable; it has no parameters and nothing to be saved.

    Args:
        body: The model.
    """

    J: Tensor
    J_betas: Tensor
    a: Tensor
    a_betas: Tensor
    b: Tensor
    template: Tensor
    directions: Tensor
    weights: Tensor
    correctives: Tensor | None

    def __init__(self, body: BodyModel) -> None:
        super().__init__()
        basis = basis_of(body)
        self.name, self.sha256, self.betas = body.name, body.sha256, body.betas

        def keep(name: str, values: Any) -> None:
            self.register_buffer(
                name, torch.as_tensor(values, dtype=torch.float32), persistent=False
            )

        for name in ("J", "J_betas", "a", "a_betas", "b"):
            keep(name, getattr(basis, name))
        keep("template", body.v_template)
        keep("directions", body.shapedirs)
        keep("weights", body.weights)
        if body.posedirs is None:
            self.correctives = None
        else:
            keep("correctives", body.posedirs)

    def bones(self, betas: Tensor, rotations: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Rotations to the camera (N, 24, 3, 3), posed joints (N, 24, 3) about the pelvis and
        the shifts (N, 24, 3) that take rest points along: x' = R·x + t. At scale 1."""
        J = self.J + torch.einsum("jib,nb->nji", self.J_betas, betas)
        turned, placed = [rotations[:, 0]], [torch.zeros_like(J[:, 0])]
        for k in range(1, JOINTS):
            p = PARENTS[k]
            turned.append(turned[p] @ rotations[:, k])
            placed.append(placed[p] + torch.einsum("nij,nj->ni", turned[p], J[:, k] - J[:, p]))
        R, P = torch.stack(turned, 1), torch.stack(placed, 1)
        return R, P, P - torch.einsum("njab,njb->nja", R, J)

    def joints(self, betas: Tensor, rotations: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
        """COCO's joints (N, 17, 3) and the rig's (N, 24, 3), metres about the pelvis.

        betas: (N, B). rotations: (N, 24, 3, 3), the root's to the camera. scale: (N,).
        """
        R, P, t = self.bones(betas, rotations)
        a = self.a + torch.einsum("kjib,nb->nkji", self.a_betas, betas)
        coco = torch.einsum("njab,nkjb->nka", R, a) + torch.einsum("kj,nja->nka", self.b, t)
        factor = scale[:, None, None]
        return factor * coco, factor * P

    def vertices(self, betas: Tensor, rotations: Tensor, scale: Tensor) -> Tensor:
        """(N, V, 3) metres about the pelvis."""
        R, _, t = self.bones(betas, rotations)
        n = len(R)
        rest = self.template + torch.einsum("vib,nb->nvi", self.directions, betas)
        if self.correctives is not None:
            eye = torch.eye(3, device=R.device)
            moved = (rotations[:, 1:] - eye).reshape(n, -1) @ self.correctives
            rest = rest + moved.reshape(n, -1, 3)
        mixed = torch.einsum("vj,njk->nvk", self.weights, torch.cat([R.flatten(2), t], dim=2))
        turned = torch.einsum("nvab,nvb->nva", mixed[..., :9].reshape(n, -1, 3, 3), rest)
        return scale[:, None, None] * (turned + mixed[..., 9:])
