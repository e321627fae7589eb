"""A child that ends in the middle of being imported, with a last word."""

import os

print("the last straw", flush=True)
os._exit(7)
