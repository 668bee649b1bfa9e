"""Opens up a trained model: what matters, why a row is as it is, where it errs, new tables, what if."""
