"""Live views: what a hand can change in a notebook, with a static copy for a page that no kernel runs."""
