"""Speed of srcad's gradients beside hand-written ones and beside other libraries.

``python -m benchmarks`` prints every table. ``pytest benchmarks -n 0`` measures the same with
pytest-benchmark.
"""
