"""Finds every kind: imports each file of workers/cells strictly and declares it to server and browser."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType, ModuleType
from typing import Any, Literal

from pydantic import BaseModel

from workers import cells
from workers.kind import FILTERS, CellKind, Params
from workers.ports import PORT_TYPES

PortType = Literal["table", "model", "predicate", "value"]

_WORDS = {port: word for word, port in PORT_TYPES.items()}


class BrokenKind(ImportError):
    """A file in workers/cells does not hold a complete kind; the program must not start."""


@cache
def kinds() -> Mapping[str, CellKind]:
    """Every kind by name, in the order of groups and titles; raises BrokenKind for a broken file."""
    found = [load(f"{cells.__name__}.{m.name}") for m in pkgutil.iter_modules(cells.__path__)]
    groups = ["Data", "Prepare", "Explore", "Model"]
    found.sort(key=lambda k: (groups.index(k.group), k.title))
    return MappingProxyType({k.name: k for k in found})


def kind(name: str) -> CellKind:
    """The kind of that name; raises KeyError."""
    return kinds()[name]


def load(module_name: str) -> CellKind:
    """Import one file and check that it declares a kind completely."""
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise BrokenKind(f"{module_name}: {type(error).__name__}: {error}") from error
    found = getattr(module, "Kind", None)
    if not (inspect.isclass(found) and issubclass(found, CellKind)):
        raise BrokenKind(f"{module_name}: it must define `class Kind(CellKind)`")
    if problems := [*_problems(module, found)]:
        raise BrokenKind(f"{module_name}: " + "; ".join(problems))
    return found()


def _problems(module: ModuleType, found: type[CellKind]) -> list[str]:
    """What is missing or wrong in a declaration, in words."""
    lacking = [a for a in ("name", "title", "group", "icon", "params") if not getattr(found, a, None)]
    if lacking:
        return [f"`{a}` is not declared" for a in lacking]
    wrong = []
    if found.name != module.__name__.rpartition(".")[2]:
        wrong.append(f"its name is {found.name!r}, the file's name is another")
    if not (module.__doc__ or "").strip():
        wrong.append("it needs a first docstring: the help shown in the app")
    if not issubclass(found.params, Params):
        wrong.append("`params` must be a subclass of Params")
    if found.group not in ("Data", "Prepare", "Explore", "Model"):
        wrong.append(f"unknown group {found.group!r}")
    return wrong + port_problems(found)


def port_problems(found: type[CellKind]) -> list[str]:
    """Ports of unknown type, and methods whose arguments are not the ports."""
    wrong = []
    ports = {**found.inputs, **found.outputs}
    wrong += [f"port {n!r} has an unknown type" for n, p in ports.items() if p not in _WORDS]
    wrong += [f"versioned param {n!r} is no param" for n in found.versioned if n not in found.params.model_fields]
    wrong += [f"optional input {n!r} is no input" for n in found.optional_inputs - set(found.inputs)]
    wrong += [f"input {n!r} takes many but is no input" for n in found.many_inputs - set(found.inputs)]
    wrong += [f"it steers {n!r}, which is no param" for n in found.steers - set(found.params.model_fields)]
    if FILTERS in found.inputs:
        wrong.append(f"the input {FILTERS!r} is there by itself")
    if found.steered() and not found.has_plan():
        wrong.append("what it steers needs `plan`")
    if found.steers and not found.steered() and not found.picked():
        wrong.append("it has no output that `steers` could change")
    for method in (found.compute, *([found.plan] if found.is_lazy() else [])):
        names = list(inspect.signature(method).parameters)[1:]
        expected = ["params", *found.inputs]
        if [n for n in names if n != "work"] != expected:
            wrong.append(f"{method.__name__} takes {names}, its ports need {expected}")
    return wrong


def takes_work(found: CellKind) -> bool:
    """Whether `compute` asks for the Work of its run (store, source, cancel)."""
    return "work" in inspect.signature(found.compute).parameters


def help_of(found: CellKind) -> str:
    """The module docstring of a kind, unindented: the help shown in the app."""
    return inspect.getdoc(inspect.getmodule(type(found))) or ""


class KindDeclaration(BaseModel):
    """What server pages and browsers know of a kind."""

    name: str
    title: str
    group: Literal["Data", "Prepare", "Explore", "Model"]
    icon: str
    shortcut: str
    help: str
    version: int
    params: dict[str, Any]
    inputs: dict[str, PortType]
    optional_inputs: list[str]
    many_inputs: list[str]
    steers: list[str]
    outputs: dict[str, PortType]
    view: str
    size: tuple[int, int]
    code: str
    lazy: bool
    dear: bool
    prompt: bool
    computes: bool
    versioned: list[str]
    example: dict[str, Any]


def declaration(found: CellKind) -> dict[str, Any]:
    """The KindDeclaration of a kind, as JSON."""
    params, _ = found.example()
    words = {word: {n: _WORDS[p] for n, p in ports.items()}
             for word, ports in (("inputs", found.accepts()), ("outputs", found.outputs))}
    return KindDeclaration(
        name=found.name, title=found.title, group=found.group, icon=found.icon, shortcut=found.shortcut,
        help=help_of(found), version=found.version, params=found.params.model_json_schema(),
        optional_inputs=sorted(found.optional_inputs | (found.accepts().keys() - found.inputs.keys())),
        many_inputs=sorted(found.accepts_many()), steers=sorted(found.steers), view=found.view, size=found.size,
        code=found.code, lazy=found.is_lazy(), dear=found.dear, prompt=found.prompt, computes=found.computes,
        versioned=list(found.versioned), example=params, **words,
    ).model_dump(mode="json")


__all__ = ["BrokenKind", "KindDeclaration", "declaration", "help_of", "kind", "kinds", "load", "takes_work"]
