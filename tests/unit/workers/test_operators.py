"""The 37 operators of Einblick's library, each with the kind, cleaning step or chart that does it here."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from workers import registry

# operator: where it lives. "kind name", "step name" of a cleaning recipe, "mark name" of a chart, or
# "kind name: param=value". What waits is said so.
OPERATORS = {
    "aggregate events over intervals": "kind events",
    "top N": "kind sort: keep=top", "bottom N": "kind sort: keep=bottom", "first N": "kind sort: keep=top",
    "last N": "kind sort: keep=bottom",
    "concatenate below": "kind union: by=name", "concatenate beside": "kind union: by=row",
    "detect outliers": "step outliers", "extract date parts": "step date_parts", "fill NaN": "step fill",
    "remove NaN": "step drop_missing", "remove duplicates": "step drop_duplicates", "k-means": "waits",
    "negate booleans": "step negate", "one-hot": "step one_hot", "split text column": "step split",
    "transpose": "kind transpose", "unpivot": "kind unpivot",
    "custom bins": "step bin", "find and replace": "step replace",
    "quantiles": "kind window: values.function=quantile", "row statistics": "kind row_statistics",
    "clamp range": "step clip", "round": "step round",
    "case": "step case", "remove prefix": "step strip", "remove suffix": "step strip",
    "remove punctuation": "step strip",
    "strip": "step trim", "truncate": "step truncate", "simplify": "step simplify", "word features": "waits",
    "1-D box plot": "mark box", "2-D box plot": "mark box", "pie": "mark pie", "US point map": "waits",
    "word cloud": "waits", "linear regression": "kind chart: trend=True",
}
MAY_WAIT = {"k-means", "word features", "US point map", "word cloud"}


def steps() -> set[str]:
    """Names of the steps of a cleaning recipe."""
    from workers.engine import recipe

    return {step.model_fields["do"].default for step in recipe.STEPS}


def choices(kind: str, param: str) -> set[Any]:
    """Values a param may have."""
    fields = registry.kind(kind).params.model_fields
    for part in param.split("."):
        annotation = fields[part].annotation
        model = next((a for a in get_args(annotation) if hasattr(a, "model_fields")), None)
        fields = model.model_fields if model else {}
    return {"True", "False"} if annotation is bool else set(get_args(annotation))


@pytest.mark.parametrize("operator", OPERATORS)
def test_an_operator_has_its_place(operator: str) -> None:
    form, _, place = OPERATORS[operator].partition(" ")
    name, _, setting = place.partition(": ")
    if form == "kind":
        assert name in registry.kinds()
        if setting:
            param, _, value = setting.partition("=")
            assert value in choices(name, param)
    elif form == "step":
        assert name in steps()
    elif form == "mark":
        assert name in registry.kind("chart").params.model_json_schema()["properties"]["mark"]["enum"]
    else:
        assert form == "waits" and operator in MAY_WAIT


def test_all_of_them_are_listed() -> None:
    # The library counts concatenation once, and prefix, suffix and punctuation as three.
    assert len(OPERATORS) - 1 == 37
