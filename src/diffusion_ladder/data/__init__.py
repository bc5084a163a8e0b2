"""Data that is really there: drawn from a formula, or shipped inside an installed package. Nothing is downloaded."""
