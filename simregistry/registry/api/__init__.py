"""The registry's API: a table of endpoints, and the functions that answer them."""
