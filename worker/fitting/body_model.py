"""Body models as torch modules: the surface, through ``smplx``.

Solvers that need joints only use :class:`worker.fitting.rig.JointBasis`, without torch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import smplx
import torch
from numpy.typing import NDArray
from smplx.utils import Struct
from torch import Tensor, nn

from backend.multiview.bodies.model_file import JOINTS, PARENTS, BodyModel


class BodySurface(nn.Module):
    """A body model's surface, as in ``bodies.mesh``, but batched and differentiable.

    Args:
        body: The model.
        dtype: Of its buffers and results.
    """

    coco_regressor: Tensor

    def __init__(self, body: BodyModel, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.name, self.sha256 = body.name, body.sha256
        self.smpl = make_smpl(body, dtype)
        self.register_buffer("coco_regressor", torch.as_tensor(body.coco_regressor, dtype=dtype))

    @property
    def faces(self) -> Tensor:
        """(F, 3)."""
        faces: Tensor = self.smpl.faces_tensor
        return faces

    def forward(
        self, betas: Tensor, pose: Tensor, scale: Tensor, translation: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Shape, pose, scale and place the body.

        betas: (N, B). pose: (N, 72) axis-angle. scale: (N,). translation: (N, 3) the pelvis, m.

        Returns:
            Vertices (N, V, 3) and the rig's 24 joints (N, 24, 3), in metres, in the world.
        """
        n = len(pose)
        out = self.smpl(
            betas=betas.expand(n, -1),
            global_orient=pose[:, :3],
            body_pose=pose[:, 3:],
            transl=torch.zeros_like(translation),
        )
        # The root turns about its own rest place, so that this is where the pelvis is.
        root = out.joints[:, :1]
        vertices, joints = (
            translation[:, None] + scale[:, None, None] * (x - root)
            for x in (out.vertices, out.joints[:, :JOINTS])
        )
        return vertices, joints

    def coco(self, vertices: Tensor) -> Tensor:
        """(N, 17, 3) COCO joints of posed vertices (N, V, 3)."""
        return self.coco_regressor @ vertices


def make_smpl(body: BodyModel, dtype: torch.dtype = torch.float32) -> smplx.SMPL:
    """The body as ``smplx.SMPL`` with all of its shape directions.

    The extra joints that smplx picks by vertex number (face, fingers, toes) mean something only
    with SMPL's own topology; use the COCO regressor instead.
    """
    vertices = len(body.v_template)
    posedirs = body.posedirs
    # smplx wants (V, 3, P); a body without pose correctives gets one that is zero for each entry.
    correctives: NDArray[Any] = (
        np.zeros((vertices, 3, 9 * (JOINTS - 1)), np.float32)
        if posedirs is None
        else posedirs.T.reshape(vertices, 3, -1)
    )
    data = Struct(
        v_template=body.v_template,
        shapedirs=body.shapedirs,
        posedirs=correctives,
        J_regressor=body.J_regressor,
        kintree_table=np.array([PARENTS, range(JOINTS)], np.int64),
        weights=body.weights,
        f=body.faces.astype(np.int64),
    )
    picks = {} if vertices == 6890 else dict.fromkeys(smplx.vertex_ids.vertex_ids["smplh"], 0)
    # smplx expects 300 shape directions, and of fewer it silently keeps ten.
    whole = type("Smpl", (smplx.SMPL,), {"SHAPE_SPACE_DIM": body.betas})
    model: smplx.SMPL = whole(
        "",
        data_struct=data,
        num_betas=body.betas,
        vertex_ids=picks or None,
        create_betas=False,
        create_body_pose=False,
        create_global_orient=False,
        create_transl=False,
        dtype=dtype,
    )
    return model
