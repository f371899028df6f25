"""Sweeps: one model trained with many sets of parameters, by one process or by several that share the work."""
