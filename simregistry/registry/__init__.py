"""The warehouse: a function from requests to responses over a storage."""
