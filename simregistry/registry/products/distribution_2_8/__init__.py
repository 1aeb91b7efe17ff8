"""CNCF distribution 2.8."""
