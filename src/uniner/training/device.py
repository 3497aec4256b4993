"""Where a network is trained, and in which precision."""

from dataclasses import dataclass
from pathlib import Path

import torch


@dataclass(frozen=True, slots=True)
class Device:
    """Where the network runs, and in which precision its matrix products are taken."""

    name: str
    bf16: bool

    @classmethod
    def best(cls) -> "Device":
        """A GPU where there is one; bfloat16 wherever the processor multiplies it itself."""
        if torch.cuda.is_available():
            return cls("cuda", torch.cuda.is_bf16_supported())
        return cls("cpu", has_bf16_instructions())

    def autocast(self) -> torch.autocast:
        """The context in which forward passes run."""
        return torch.autocast(self.name, torch.bfloat16, enabled=self.bf16)


def has_bf16_instructions() -> bool:
    """Whether this CPU has AVX-512 BF16 or AMX; emulation would be slower than float32."""
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
