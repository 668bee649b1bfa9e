"""An exported script with the files it reads, as one zip."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from workers.kind import CellError
from workers.scripts import Exported

MAX_BYTES = 1_000_000_000
FORMS: Mapping[str, str] = {"py": "canvas.py", "ipynb": "canvas.ipynb"}
_README = """# How to run this

    python -m venv venv
    venv/bin/pip install -r requirements.txt
    {how}

The tables it reads lie in `data` as Parquet. Numbers are held in nullable columns, so whole numbers with gaps
stay whole.
"""
_HOW = {"py": "venv/bin/python canvas.py",
        "ipynb": "venv/bin/pip install jupyterlab && venv/bin/jupyter lab canvas.ipynb"}


def pack(exported: Exported, form: Literal["py", "ipynb"], target: Path) -> None:
    """Write the zip. Raises CellError too_large past a gigabyte of data."""
    total = sum(path.stat().st_size for path in exported.files.values())
    if total > MAX_BYTES:
        raise CellError("too_large", f"The tables behind this are {total / 1e9:.1f} GB; a download takes up to 1 GB. "
                        "Filter or sample them first.")
    text = exported.python() if form == "py" else exported.notebook()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(FORMS[form], text)
        archive.writestr("requirements.txt", exported.requirements())
        archive.writestr("README.md", _README.format(how=_HOW[form]))
        for name, path in exported.files.items():
            archive.write(path, name, zipfile.ZIP_STORED)
