"""The retention rules of six systems, each read in the system's own syntax and carried out as it carries them out."""
