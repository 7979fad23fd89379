"""What becomes of recalled goods: proposed, then carried out by documents, or rejected."""

from recalls.operations.dispositions.agreed import APPROVED, needs_second
from recalls.operations.dispositions.certificates import add_certificate
from recalls.operations.dispositions.decisions import carry_out, reject_disposition
from recalls.operations.dispositions.proposals import propose_disposition

__all__ = [
    "APPROVED",
    "add_certificate",
    "carry_out",
    "needs_second",
    "propose_disposition",
    "reject_disposition",
]
