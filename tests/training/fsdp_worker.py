"""One of several processes that train together on a machine without accelerators.

accelerate shards a model (FSDP) only where it finds accelerators. Here it is made to believe in
them, while everything stays on the CPU; the command line is that of uniner.
"""

import sys
from typing import Any

import torch
from accelerate import Accelerator, PartialState
from accelerate.utils import DistributedType
from torch.distributed._functional_collectives import wait_tensor
from torch.distributed.tensor import DTensor
from transformers import Trainer

from uniner.cli import main

wait: Any = wait_tensor
begin, step, gather = PartialState.__init__, Trainer.training_step, Accelerator.get_state_dict


def begin_with_accelerators(self: PartialState, *rest: Any, **named: Any) -> None:
    """What accelerate knows of its processes, of which there must be two."""
    begin(self, *rest, **named)
    if self.num_processes != 2:
        sys.exit(f"{self.num_processes} processes, not 2")
    PartialState._shared_state["distributed_type"] = DistributedType.MULTI_XPU


def step_on_shards(self: Trainer, model: Any, *rest: Any, **named: Any) -> Any:
    """A step, once it is certain that each process holds a part of every weight alone."""
    for name, weight in model.named_parameters():
        if not (isinstance(weight, DTensor) and weight.to_local().numel() < weight.numel()):
            sys.exit(f"{name} is not sharded")
    return step(self, model, *rest, **named)


def gather_whole(self: Accelerator, *rest: Any, **named: Any) -> dict[str, torch.Tensor]:
    """The whole weights, gathered here, as what is on a CPU already is not."""
    return {
        name: wait(value.full_tensor()) if isinstance(value, DTensor) else value
        for name, value in gather(self, *rest, **named).items()
    }


for owner, name, replacement in (
    (Accelerator, "get_state_dict", gather_whole),
    (PartialState, "__init__", begin_with_accelerators),
    (Trainer, "training_step", step_on_shards),
):
    setattr(owner, name, replacement)
main()
