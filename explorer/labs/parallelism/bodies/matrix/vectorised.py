"""The product of two matrices with NumPy, which hands it to its library for linear algebra, with threads of its own."""

import numpy as np


def rows(size: int, some: bytes, columns: bytes) -> bytes:
    """The same as the body's."""
    product: np.ndarray = np.frombuffer(some).reshape(-1, size) @ np.frombuffer(columns).reshape(size, size).T
    return product.tobytes()
