"""The JSON op spec of tables: a class for each op, in files by family, all found by importing this."""

from __future__ import annotations

import importlib
import pkgutil

from workers.engine.ops.groups import Aggregate as Aggregate
from workers.engine.ops.groups import Measure as Measure
from workers.engine.ops.node import REGISTRY as REGISTRY
from workers.engine.ops.node import OpNode as OpNode
from workers.engine.ops.node import canonical as canonical
from workers.engine.ops.node import is_row_wise as is_row_wise
from workers.engine.ops.node import parse as parse
from workers.engine.ops.node import referenced as referenced
from workers.engine.ops.node import sampled_source as sampled_source
from workers.engine.ops.node import sources_of as sources_of
from workers.engine.ops.node import traced as traced
from workers.engine.ops.order import Limit as Limit
from workers.engine.ops.sources import Inline as Inline
from workers.engine.ops.sources import Stored as Stored

for _family in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_family.name}")
