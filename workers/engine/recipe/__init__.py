"""A cleaning recipe: typed steps, the ops they stand for, what each did, and how each reads as code."""

from workers.engine.recipe.recipe import STEPS as STEPS
from workers.engine.recipe.recipe import AnyStep as AnyStep
from workers.engine.recipe.recipe import Recipe as Recipe
from workers.engine.recipe.recipe import lenient as lenient
from workers.engine.recipe.recipe import looks_around as looks_around
from workers.engine.recipe.step import CleaningStep as CleaningStep
