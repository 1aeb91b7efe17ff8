"""The sources of problems, a file for each lesson."""
