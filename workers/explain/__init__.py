"""Opens up a trained model: importance, Shapley values, dependence, one row, counterfactuals, segments, new tables."""
