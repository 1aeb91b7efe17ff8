"""Which images share which layers, and the bytes that sharing saves."""
