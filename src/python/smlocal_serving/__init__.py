"""Serves a handler (`inference.py` with SageMaker's five functions) as a plain process, where there is no container.

It answers as SageMaker's inference toolkit behind TorchServe does; see README.md beside the package. Standard library only,
Python 3.8 to 3.13.
"""
