"""Demo data for an MLflow that has none."""
