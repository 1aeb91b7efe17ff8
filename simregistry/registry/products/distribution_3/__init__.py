"""CNCF distribution 3."""
