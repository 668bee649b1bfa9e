"""The borders of the browser app: ESLint and the token check catch what is planted across them."""

from __future__ import annotations

import subprocess

import pytest

from canvas.supervisor.frontend import node_home
from tests.architecture.guards import ROOT

STATIC = ROOT / "static"
IMPORTS = {
    "document/planted.ts": 'import { useState } from "react";\nexport const a = useState;\n',
    "results/planted.ts": 'import { CanvasDocument } from "../document/document";\nexport const a = CanvasDocument;\n',
    "views/planted.tsx": 'import { Inspector } from "../inspector/Inspector";\nexport const a = Inspector;\n',
    "theme/planted.tsx": 'import { session } from "../app/session";\nexport const a = session;\n',
}


@pytest.fixture(scope="module", autouse=True)
def packages() -> None:
    """The linter is one of the packages of the browser app, which `manage.py build` fetches."""
    assert (STATIC / "node_modules" / "eslint").exists(), "run `python manage.py build` first"


def node(*command: str, text: str) -> subprocess.CompletedProcess[str]:
    program = [str(node_home() / "node"), *command]
    return subprocess.run(program, cwd=STATIC, input=text, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("file", IMPORTS)
def test_an_import_across_a_border_is_caught(file):
    done = node("node_modules/eslint/bin/eslint.js", "--stdin", "--stdin-filename", f"src/{file}", text=IMPORTS[file])
    assert done.returncode == 1
    assert "no-restricted-imports" in done.stdout


def test_a_colour_outside_the_tokens_is_caught():
    program = (
        'import { faults } from "./scripts/check-tokens.mjs";'
        'console.log(faults("src/panels/planted.css", ".a { color: #ff0000; }").length);'
    )
    done = node("--input-type=module", "--eval", program, text="")
    assert done.stdout.strip() == "1", done.stderr
