"""Explorers: pictures that a hand can change. Python computes every state; a page draws it and says what was done."""
