"""The works that the registered theorems come from, with BibTeX."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Citation:
    """A work: BibTeX key, type and fields, and the version that was read."""

    key: str
    kind: str
    authors: str
    title: str
    year: int
    version: str
    fields: tuple[tuple[str, str], ...] = ()

    def bibtex(self) -> str:
        """The BibTeX entry."""
        fields = (("author", self.authors), ("title", f"{{{self.title}}}"), ("year", str(self.year)), *self.fields)
        lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields)
        return f"@{self.kind}{{{self.key},\n{lines}\n}}"


P1 = Citation(
    key="zhang2025learning",
    kind="inproceedings",
    authors="Zhang and Su and Zou",
    title="Learning under Quantization for High-Dimensional Linear Regression",
    year=2026,
    version="arXiv 2510.18259, ICLR 2026",
    fields=(("booktitle", "International Conference on Learning Representations"), ("note", "arXiv:2510.18259")),
)
P2 = Citation(
    key="zhang2026scaling",
    kind="inproceedings",
    authors="Zhang and Tang and Liang and Zou",
    title="Scaling Laws for Precision in High-Dimensional Linear Regression",
    year=2026,
    version="arXiv 2602.19241, ICML 2026",
    fields=(("booktitle", "International Conference on Machine Learning"), ("note", "arXiv:2602.19241")),
)
ZOU_2023 = Citation(
    key="zou2023benign",
    kind="article",
    authors="Zou, Difan and Wu, Jingfeng and Braverman, Vladimir and Gu, Quanquan and Kakade, Sham M.",
    title="Benign Overfitting of Constant-Stepsize SGD for Linear Regression",
    year=2023,
    version="JMLR 24(326)",
    fields=(("journal", "Journal of Machine Learning Research"), ("volume", "24"), ("number", "326")),
)
LIN_2024 = Citation(
    key="lin2024scaling",
    kind="inproceedings",
    authors="Lin, Licong and Wu, Jingfeng and Kakade, Sham M. and Bartlett, Peter L. and Lee, Jason D.",
    title="Scaling Laws in Linear Regression: Compute, Parameters, and Data",
    year=2024,
    version="NeurIPS 2024",
    fields=(("booktitle", "Advances in Neural Information Processing Systems"),),
)
RISKBOUNDS = Citation(
    key="riskbounds",
    kind="software",
    authors="{The riskbounds authors}",
    title="riskbounds: certified risk bounds for low-precision SGD",
    year=2026,
    version="0.1.0",
)


def works_used(citation: Citation, *, sketched: bool | None) -> tuple[Citation, ...]:
    """What a result rests on: its theorem's work, the paper that defines its model (P2 with a sketch, P1 without; None: no
    problem), and riskbounds.
    """
    models = [] if sketched is None else [P2 if sketched else P1]
    return tuple(dict.fromkeys([citation, *models, RISKBOUNDS]))
